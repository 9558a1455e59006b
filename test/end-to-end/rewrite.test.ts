// Models that are changed so that calls of many rows fit them: the results are those of the model as it is, row by row.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { quoteText } from '../../src/core/sql.ts';
import {
  buildModel,
  floats,
  input,
  integerAttribute,
  type ModelParts,
  node,
  output,
  tensorOf,
} from '../model/build-onnx.ts';
import { runCli } from '../run-cli.ts';
import { openConnection } from '../scoring/batches.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { resultOf } from './result.ts';

const weights = floats('w', [3, 4], [1, -2, 3, 4, 0.5, 6, -7, 8, 9, 1.5, 2, -3]);
const rows = 300;
const csv = `a,b,c,d\n${Array.from({ length: rows }, (_, i) => [Math.sin(i), Math.cos(i * 3), i / 7, (i % 5) - 2].join(',')).join('\n')}\n`;

async function score(graph: ModelParts['graph'], more: readonly string[] = []) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'model.onnx'), buildModel({ graph, opsets: { '': 13 } }));
  writeFileSync(join(folder, 'rows.csv'), csv);
  const given = ['--model', join(folder, 'model.onnx'), '--dataset', join(folder, 'rows.csv'), '--inputs', 'x=a,b,c,d'];
  const out = join(folder, 'out');
  const { exitCode, stderr } = await runCli(['run', ...given, '--output', out, ...more]);
  const values = exitCode === 0 ? await resultOf(out).rows() : [];
  return { exitCode, stderr, out, values };
}

const softmax = (axis: number) => node('Softmax', ['z'], ['y'], { attributes: [integerAttribute('axis', axis)] });
const byRows = (size: number | string): ModelParts['graph'] => [
  node('Gemm', ['x', 'w'], ['z'], { attributes: [integerAttribute('transB', 1)] }),
  softmax(1),
  weights,
  input('x', tensorOf(1, size, 4)),
  output('y', tensorOf(1, size, 3)),
];
const byColumns = (axis: number): ModelParts['graph'] => [
  node('MatMul', ['w', 'x'], ['z']),
  softmax(axis),
  weights,
  input('x', tensorOf(1, 4, 'N')),
  output('y', tensorOf(1, 3, 'N')),
];

describe('a model that is changed', () => {
  test('opens its fixed batch, says so, gives the same, and can be verified by scoring again', async () => {
    const open = await score(byRows('N'));
    const opened = await score(byRows(1));
    const declared = await score(byRows(1), ['--set', 'model.rebuild=never']);
    expect(opened.stderr).toContain('batch of one row opened: the model takes any number of rows a call');
    expect(opened.stderr).toContain('65 rows gave the same');
    expect(declared.stderr).toContain('the model takes one row a call');
    expect(opened.values).toEqual(open.values);
    expect(opened.values).toEqual(declared.values);
    expect(opened.values).toHaveLength(rows);
    const verified = await runCli(['verify', opened.out, '--rescore', '1000']);
    expect(verified).toMatchObject({ exitCode: 0 });
  });

  test('is light: its few rows are one split; called row by row it is not, and they are several', async () => {
    const folder = temporaryFolder();
    const data = join(folder, 'rows.parquet');
    const connection = await openConnection();
    await connection.run(
      `COPY (SELECT range::FLOAT AS a, a AS b, a AS c, a AS d FROM range(40000)) TO ${quoteText(data)}`,
    );
    const splits = async (size: number | string): Promise<number> => {
      const model = join(folder, `${size}.onnx`);
      writeFileSync(model, buildModel({ graph: byRows(size), opsets: { '': 13 } }));
      const words = ['--model', model, '--dataset', data, '--inputs', 'x=a,b,c,d'];
      const planned = await runCli([
        ...['plan', ...words, '--output', join(folder, 'out'), '--json', '--set', 'model.rebuild=never'],
        ...['--set', 'run.batchRows=2048'],
      ]);
      expect(planned.exitCode, planned.stderr).toBe(0);
      return JSON.parse(planned.stdout).splits.length;
    };
    expect(await splits('N')).toBe(1);
    expect(await splits(1)).toBe(3);
  });

  test('has its rows moved from axis 1 to axis 0, where each row stays by itself', async () => {
    const moved = await score(byColumns(0));
    expect(moved.stderr).toContain('input "x": its rows are on axis 1 and are moved to axis 0');
    expect(moved.values).toEqual((await score(byRows('N'))).values);
    const mixing = await score(byColumns(1));
    expect({ exitCode: mixing.exitCode, moved: mixing.stderr.includes('moved to axis 0') }).toEqual({
      exitCode: 78,
      moved: false,
    });
  });
});

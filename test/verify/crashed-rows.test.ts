// A row that ended an engine process is a reject of the run; scoring again must leave it out again, not meet it anew.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildModel, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const int64 = tensorOf(7, null);

test('rows that crash the model are left out when splits are scored again', async () => {
  const folder = temporaryFolder();
  const [model, data, scored] = ['model.onnx', 'data.csv', 'scored'].map((name) => join(folder, name));
  const graph = [
    node('Div', ['a', 'b'], ['quotient']),
    input('a', int64),
    input('b', int64),
    output('quotient', int64),
  ];
  writeFileSync(model, buildModel({ graph }));
  // Dividing an integer by zero ends the process with SIGFPE on x86; other processors give a number.
  const rows = Array.from({ length: 40 }, (_, i) => `${i},${100 + i},${i === 23 ? 0 : i + 1}`);
  writeFileSync(data, `id,a,b\n${rows.join('\n')}\n`);
  const run = await runCli(['run', '--model', model, '--dataset', data, '--output', scored, '--budget', '1']);
  expect(run.exitCode).toBe(0);
  if (process.arch === 'x64') expect(run.stderr).toContain('40 in = 39 scored + 1 rejected');
  const { exitCode, stdout, stderr } = await runCli(['verify', scored, '--rescore', '1']);
  expect(stderr).not.toContain('warning');
  expect(stdout).toContain('40 rows in 1 of 1 split scored again: bit for bit the same\n');
  expect(exitCode).toBe(0);
});

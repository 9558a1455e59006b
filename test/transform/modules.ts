// Modules as users write them, for a model that gives y = 2 x.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel, floats, input, node, output, tensorOf } from '../model/build-onnx.ts';

const float32 = 1;

/** Writes y = 2 x for any number of rows. */
export function writeDouble(folder: string): string {
  const path = join(folder, 'double.onnx');
  const graph = [
    node('Mul', ['x', 'two'], ['y']),
    floats('two', [1], [2]),
    input('x', tensorOf(float32, 'N')),
    output('y', tensorOf(float32, 'N')),
  ];
  writeFileSync(path, buildModel({ graph }));
  return path;
}

let modules = 0;

/** Node keeps what it has loaded by its path, so each module has a path of its own. */
export function writeModule(folder: string, text: string, suffix = 'mjs'): string {
  const path = join(folder, `module-${modules++}.${suffix}`);
  writeFileSync(path, text);
  return path;
}

/** x = 10 a, tag = name and place; throws on rows whose a is `params.doom`. */
export const tenfold = `
export const columns = ['a', 'name'];
export async function transform(batch, { params, shard, firstRow, arrow }) {
  const a = batch.getChild('a').toArray();
  const name = batch.getChild('name');
  if (params.doom !== undefined && a.some((value) => Number(value) === params.doom)) throw new Error('doom has come');
  await null;
  return new arrow.RecordBatch({
    x: arrow.makeData({ type: new arrow.Float32(), data: Float32Array.from(a, (value) => 10 * Number(value)) }),
    tag: arrow.vectorFromArray(Array.from(name, (text, row) => (text === null ? null : text + '@' + (firstRow + row))), new arrow.Utf8()).data[0],
  });
}
`;

// A job that takes as little time as a run can, and still has all that a run can have: several splits, rejects, kept columns.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel, floats, input, node, output, tensorOf } from '../model/build-onnx.ts';

const float32 = 1;
const shardCount = 5;
const rowsPerShard = 40;

export interface TinyJob {
  readonly splits: number;
  /** Paths of the shards, in order. */
  readonly shards: readonly string[];
  /** The command line of a run that writes to `out` with the run id `same`. */
  readonly words: (out: string, ...more: readonly string[]) => readonly string[];
}

/** Writes a model, y = 2 x, and CSV shards of one split each, every second one with a row that is rejected. */
export function writeTinyJob(folder: string): TinyJob {
  mkdirSync(folder, { recursive: true });
  const model = join(folder, 'double.onnx');
  const graph = [
    node('Mul', ['x', 'two'], ['y']),
    floats('two', [1], [2]),
    input('x', tensorOf(float32, 'N')),
    output('y', tensorOf(float32, 'N')),
  ];
  writeFileSync(model, buildModel({ graph }));
  const shards = Array.from({ length: shardCount }, (_, shard) => join(folder, `rows-${shard}.csv`));
  for (const [shard, path] of shards.entries()) {
    const ids = Array.from({ length: rowsPerShard }, (_, row) => shard * rowsPerShard + row);
    const line = (id: number, row: number): string => `${id},${shard % 2 === 0 && row === 7 ? 'none' : id + 0.5}\n`;
    writeFileSync(path, `id,x\n${ids.map(line).join('')}`);
  }
  return {
    splits: shardCount,
    shards,
    words: (out, ...more) => [
      ...['run', '--model', model, '--dataset', join(folder, '*.csv'), '--output', out, '--run-id', 'same'],
      ...['--keep', 'id', '--budget', '10', '--rows-per-file', String(rowsPerShard), '--workers', '1', ...more],
    ],
  };
}

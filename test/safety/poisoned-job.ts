// Small jobs in which some rows end the engine process, or make it stand still: a model, and CSV shards of one split each.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { type Row, resultOf } from '../end-to-end/result.ts';
import type { StartedRun } from '../end-to-end/started-run.ts';
import {
  buildModel,
  floats,
  graphAttribute,
  input,
  integerAttribute,
  node,
  output,
  tensorOf,
  text,
} from '../model/build-onnx.ts';
import type { CliOptions } from '../run-cli.ts';

const [float32, int64, bool] = [1, 7, 9];
export const rowsPerShard = 8;

/** What a model of `writeJob` computes from the columns a and b; `bad` are values of a row that does harm. */
export interface PoisonedModel {
  readonly bytes: Uint8Array;
  readonly good: (id: number) => { readonly a: string; readonly b: string; readonly y: number | bigint };
  readonly bad: { readonly a: string; readonly b: string };
}

/** y = a / b in 64-bit integers: the processor traps when the smallest is divided by -1, and the runtime does not prevent it. */
export const dividing: PoisonedModel = {
  bytes: buildModel({
    graph: [
      node('Div', ['a', 'b'], ['y']),
      input('a', tensorOf(int64, 'N')),
      input('b', tensorOf(int64, 'N')),
      output('y', tensorOf(int64, 'N')),
    ],
  }),
  good: (id) => ({ a: String(7 * id), b: '7', y: BigInt(id) }),
  bad: { a: '-9223372036854775808', b: '-1' },
};

/** y = a + b. */
export const adding: PoisonedModel = {
  bytes: buildModel({
    graph: [
      node('Add', ['a', 'b'], ['y']),
      input('a', tensorOf(float32, 'N')),
      input('b', tensorOf(float32, 'N')),
      output('y', tensorOf(float32, 'N')),
    ],
  }),
  good: (id) => ({ a: String(id), b: '0.5', y: id + 0.5 }),
  bad: { a: '-666', b: '0' },
};

/** y = a, after as many rounds of a loop as the largest b says. */
export const looping: PoisonedModel = {
  bytes: buildModel({
    graph: [
      node('ReduceMax', ['b'], ['most'], { attributes: [integerAttribute('keepdims', 0)] }),
      node('Greater', ['one', 'zero'], ['yes']),
      node('Loop', ['most', 'yes', 'zero'], ['sum'], {
        attributes: [
          graphAttribute(
            'body',
            node('Identity', ['going'], ['goes on']),
            node('Add', ['sum before', 'one'], ['sum after']),
            text(2, 'body'),
            input('round', tensorOf(int64)),
            input('going', tensorOf(bool)),
            input('sum before', tensorOf(float32)),
            output('goes on', tensorOf(bool)),
            output('sum after', tensorOf(float32)),
          ),
        ],
      }),
      node('Mul', ['sum', 'zero'], ['nothing']),
      node('Add', ['a', 'nothing'], ['y']),
      floats('one', [], [1]),
      floats('zero', [], [0]),
      input('a', tensorOf(float32, 'N')),
      input('b', tensorOf(int64, 'N')),
      output('y', tensorOf(float32, 'N')),
    ],
  }),
  good: (id) => ({ a: String(id), b: '3', y: id }),
  bad: { a: '0', b: '1000000000000000' },
};

export interface PoisonedJob {
  readonly shards: readonly string[];
  readonly words: (...more: readonly string[]) => readonly string[];
  readonly out: string;
  /** The rows that are to be scored. */
  readonly scored: readonly Row[];
  /** What rejects.parquet must say, with the message of a reject. */
  readonly rejects: (reason: string, message: string) => readonly Row[];
}

/** Shards of eight rows each, in calls of four; the rows with the ids `bad` do harm. */
export function writeJob(folder: string, model: PoisonedModel, shards: number, bad: readonly number[]): PoisonedJob {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), model.bytes);
  const ids = Array.from({ length: shards * rowsPerShard }, (_, id) => id);
  const valuesOf = (id: number) => (bad.includes(id) ? model.bad : model.good(id));
  const paths = Array.from({ length: shards }, (_, shard) => {
    const path = join(folder, `rows-${String(shard).padStart(2, '0')}.csv`);
    const ofShard = ids.slice(shard * rowsPerShard, (shard + 1) * rowsPerShard);
    const lines = ofShard.map((id) => `${id},${valuesOf(id).a},${valuesOf(id).b}\n`);
    writeFileSync(path, `id,a,b\n${lines.join('')}`);
    return path;
  });
  const out = join(folder, 'out');
  return {
    shards: paths,
    out,
    words: (...more) => [
      ...['run', '--model', join(folder, 'model.onnx'), '--dataset', join(folder, '*.csv'), '--output', out],
      ...['--keep', 'id', '--batch-rows', '4', '--rows-per-file', String(rowsPerShard), '--run-id', 'same', ...more],
    ],
    scored: ids.filter((id) => !bad.includes(id)).map((id) => ({ id: BigInt(id), y: model.good(id).y })),
    rejects: (reason, text) =>
      bad.map((id) => ({
        shard: paths[Math.floor(id / rowsPerShard)],
        row: BigInt(id % rowsPerShard),
        reason,
        column: null,
        message: text,
        content: expect.stringContaining(`"id":${id},`),
        run_id: 'same',
        replaced_by: null,
      })),
  };
}

export interface Poison {
  /** Calls of a model with this value in a row end the process with this signal. */
  readonly calls?: Readonly<Record<string, NodeJS.Signals>>;
  /** Reading a file ends it; `by` any thread, or only by those that score. */
  readonly reads?: { readonly path: string; readonly signal: NodeJS.Signals; readonly by: 'anyone' | 'worker' };
  /** A worker ends it before it has done anything. */
  readonly starts?: { readonly signal: NodeJS.Signals };
}

/** Options of `runCli` under which the engine process ends as `poison` says. */
export const withPoison = (poison: Poison): CliOptions => ({
  environment: {
    NODE_OPTIONS: `--import=${resolve(import.meta.dirname, 'poison.mjs')}`,
    POISON: JSON.stringify(poison),
  },
});

/** A finished run scored all good rows, and rejected the bad ones for one reason: in parts, rejects, statistics and manifest. */
export async function expectIsolated(job: PoisonedJob, reason: string, message: string): Promise<void> {
  const result = resultOf(job.out);
  const rejects = job.rejects(reason, message);
  const [scored, rejected] = [job.scored.length, rejects.length];
  expect(await result.rows()).toEqual(job.scored);
  expect(await result.rejects()).toEqual(rejects);
  expect(result.manifest().counts).toMatchObject({ rows: scored + rejected, scored, rejected, filtered: 0 });
  const ofSplits = (await result.stats()).map((split) => [split.rows, split.scored, split.rejected]);
  expect(ofSplits).toEqual(
    job.shards.map((shard) => {
      const here = rejects.filter((row) => row.shard === shard).length;
      return [BigInt(rowsPerShard), BigInt(rowsPerShard - here), BigInt(here)];
    }),
  );
}

/** How often the engine process of a run ended. */
export const deathsOf = ({ events }: StartedRun): number =>
  events.filter(({ event }) => event === 'engine-restarted').length;

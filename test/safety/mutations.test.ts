// Shards of every format with bits flipped and bytes cut, inserted, doubled, removed or swapped: each is refused or scored, and the
// rows of a scored one are as many as its reader counts, each with the result that its own input has. What a reader cannot know
// is that a value is another valid value: no format but Arrow and Parquet with checksums could tell, and no reader of ours
// checks those.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type ShardFormat, shardFormats, writeDoubling, writeShard } from './format-job.ts';
import { mutated } from './mutate.ts';
import { type ShardAnswer, ShardScorer } from './shard-scorer.ts';
import { type Counts, isFull, sweep } from './sweep.ts';

const rows = 120;
const perFormat = isFull ? 2000 : 25;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  writeDoubling(join(folder, 'double.onnx'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  readonly x: number | null;
  readonly y: number;
}

/** What must hold of a scored file: as many rows as it says, and every result that of the input beside it. */
function mustBeRight(answer: Extract<ShardAnswer, { outcome: 'scored' }>): readonly string[] {
  expect(answer.scored + answer.rejected).toBe(answer.rows);
  expect(answer.results).toHaveLength(answer.scored);
  for (const text of answer.results) {
    const { x, y } = parsed<Result>(text);
    if (typeof x === 'number' && typeof y === 'number') expect(y).toBe(Math.fround(2 * Math.fround(x)));
  }
  return answer.results;
}

/** DuckDB writes NaN and the infinities as JSON does not; as texts they are compared with nothing. */
const parsed = <Value>(text: string): Value =>
  JSON.parse(text.replace(/(?<=[:,[])(-?Infinity|NaN)(?=[,}\]])/g, '"$1"')) as Value;

/** Without types: one text among the numbers of a column makes all of them texts. */
function idAndResult(text: string): string {
  const { id, y } = parsed<Readonly<Record<string, unknown>>>(text);
  return `${Number(id)} ${y}`;
}

/** Lines that were not touched must come out as they would from the file as it was. */
function untouchedLines(original: Uint8Array, bytes: Uint8Array): readonly number[] {
  const [before, after] = [original, bytes].map((one) => Buffer.from(one).toString('latin1').split('\n'));
  const ids: number[] = [];
  for (let i = 1; i < before.length - 1 && before[i] === after[i]; i++) ids.push(i - 1);
  return ids;
}

describe.each(shardFormats)('%s', (format: ShardFormat) => {
  sweep(
    `a damaged ${format} file is refused, or its rows are counted and each has its own result; none crashes or hangs the engine`,
    async (counts: Counts) => {
      Object.assign(counts, { mutations: 0, refused: 0, scored: 0, sameValues: 0 });
      const here = join(folder, format);
      mkdirSync(here);
      const path = join(here, `shard.${format}`);
      await writeShard(
        path,
        format,
        Array.from({ length: rows }, (_, id) => id),
      );
      const original = readFileSync(path);
      await using scorer = new ShardScorer(join(folder, 'double.onnx'), here);
      const ask = { path, format: 'auto', input: 'x', keep: ['id', 'x'] } as const;
      const intact = await scorer.ask(ask);
      expect(intact).toMatchObject({ outcome: 'scored', rows, scored: rows });
      const expected = intact.outcome === 'scored' ? intact.results : [];
      for (let seed = 0; seed < perFormat; seed++) {
        const { kind, bytes } = mutated(original, seed);
        writeFileSync(path, bytes);
        const answer = await scorer.ask(ask);
        counts.mutations++;
        const told = `${format} ${kind} ${seed}: ${'message' in answer ? answer.message : ''}`;
        expect(['refused', 'scored'], told).toContain(answer.outcome);
        if (answer.outcome === 'refused') {
          counts.refused++;
          expect(answer.reason, told).not.toBe('internal');
        }
        if (answer.outcome !== 'scored') continue;
        counts.scored++;
        const results = mustBeRight(answer);
        if (results.join('\n') === expected.join('\n')) counts.sameValues++;
        // A byte of a line may make the rest of a CSV file one quoted field; the lines before it stay what they are.
        if (format === 'csv' || format === 'jsonl') {
          const untouched = untouchedLines(original, bytes);
          const offset = format === 'jsonl' ? 1 : 0;
          const [found, wanted] = [results, expected].map((all) => all.map(idAndResult));
          for (const i of untouched) expect(found, told).toContain(wanted[i + offset]);
        }
      }
      expect(counts.refused + counts.scored).toBe(perFormat);
    },
  );
});

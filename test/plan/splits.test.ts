// The cut into splits: its promises, over many made-up datasets.
import { describe, expect, test } from 'vitest';
import type { Piece } from '../../src/core/split.ts';
import { cutSplits, type ShardSize, type SplitRules } from '../../src/plan/splits.ts';

/** Park and Miller's generator: the same datasets on every run. */
function randomFrom(seed: number) {
  let state = seed;
  const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return {
    upTo: (most: number): number => Math.floor(next() * (most + 1)),
    /** Small and large numbers alike. */
    spread: (most: number): number => Math.floor(most ** next()),
    isLucky: (chance: number): boolean => next() < chance,
  };
}

type Random = ReturnType<typeof randomFrom>;

interface Dataset {
  readonly shards: readonly ShardSize[];
  readonly rules: SplitRules;
  readonly isText: boolean;
}

function madeUp(random: Random): Dataset {
  const isText = random.isLucky(0.5);
  const batchRows = random.isLucky(0.7) ? 2 ** random.upTo(11) : 1 + random.upTo(3000);
  const rules = {
    rowsPerFile: Math.max(batchRows, 5000 + random.spread(500_000)),
    batchRows,
    resultBytesPerRow: random.spread(100_000),
    modelBytes: random.spread(100_000_000),
  };
  const count = random.spread(25);
  const shards = Array.from({ length: count }, () => shardOf(random, isText, batchRows));
  return { shards, rules, isText };
}

function shardOf(random: Random, isText: boolean, gridRows: number): ShardSize {
  const rows = random.isLucky(0.2) ? 0 : random.spread(300_000);
  const decodedBytes = rows * (1 + random.spread(500));
  if (!isText) {
    const starts = [{ row: 0 }];
    while (starts.length < 40 && starts.at(-1)!.row < rows && random.isLucky(0.9)) {
      const row = starts.at(-1)!.row + 1 + random.spread(Math.max(2, rows));
      if (row < rows) starts.push({ row });
    }
    return { rows, starts, decodedBytes };
  }
  const step = gridRows * (1 + random.spread(50));
  const starts = Array.from({ length: Math.max(1, Math.min(200, Math.ceil(rows / step))) }, (_, index) => ({
    row: index * step,
    byte: 17 + index * step * 10,
  }));
  return { rows, starts, endByte: 17 + rows * 10, decodedBytes };
}

const datasets = (seed: number, count: number): readonly Dataset[] => {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => madeUp(random));
};

const piecesOf = ({ shards, rules }: Dataset): readonly Piece[] =>
  cutSplits(shards, rules).flatMap(({ pieces }) => pieces);

describe('over 150 datasets', () => {
  const all = datasets(42, 150);

  test('every row of every shard is in one piece, in order', () => {
    for (const dataset of all) {
      const rowsSeen = dataset.shards.map(() => 0);
      let last = 0;
      for (const { shard, startRow, endRow } of piecesOf(dataset)) {
        if (shard < last || startRow !== rowsSeen[shard] || endRow < startRow)
          expect.unreachable(`row ${startRow} of shard ${shard}`);
        rowsSeen[shard] = endRow;
        last = shard;
      }
      expect(rowsSeen).toEqual(dataset.shards.map(({ rows }) => rows));
    }
  });

  test('splits are counted through, add up, and hold one range or several whole shards', () => {
    for (const { shards, rules } of all) {
      const splits = cutSplits(shards, rules);
      expect(splits.map(({ index }) => index)).toEqual([...splits.keys()]);
      const offenders = splits.filter(({ pieces, rows }) => {
        const isWhole = pieces.every(({ shard, startRow, endRow }) => startRow === 0 && endRow === shards[shard].rows);
        return (
          rows !== pieces.reduce((sum, { startRow, endRow }) => sum + endRow - startRow, 0) ||
          (pieces.length > 1 && !isWhole)
        );
      });
      expect(offenders).toEqual([]);
    }
  });

  test('pieces begin on the grid, and text at a start whose byte is known', () => {
    const offenders = all.flatMap((dataset) =>
      piecesOf(dataset).filter(({ shard, startRow, endRow, startByte, endByte }) => {
        if (startRow % dataset.rules.batchRows !== 0) return true;
        const { starts, rows, endByte: end } = dataset.shards[shard];
        if (!dataset.isText) return startByte !== undefined || endByte !== undefined;
        const wantedEnd = endRow === rows ? end : starts.find(({ row }) => row === endRow)?.byte;
        return startByte !== starts.find(({ row }) => row === startRow)?.byte || endByte !== wantedEnd;
      }),
    );
    expect(offenders).toEqual([]);
  });

  test('no part has more rows than the job allows; text may go on to the next start', () => {
    for (const { shards, rules, isText } of all) {
      for (const { rows, pieces } of cutSplits(shards, rules)) {
        if (rows <= rules.rowsPerFile) continue;
        expect(isText && pieces.length === 1).toBe(true);
        const { starts } = shards[pieces[0].shard];
        const inside = starts.filter(({ row }) => row > pieces[0].startRow && row < pieces[0].endRow);
        expect(inside).toEqual([]);
      }
    }
  });

  test('the same dataset is cut the same way again', () => {
    for (const { shards, rules } of all.slice(0, 50))
      expect(cutSplits(shards, rules)).toEqual(cutSplits(shards, rules));
  });
});

const heavy = 2 ** 24;
const rules: SplitRules = { rowsPerFile: 1_000_000, batchRows: 2048, resultBytesPerRow: 8, modelBytes: heavy };
const shard = (rows: number, starts: readonly number[] = [0]): ShardSize => ({
  rows,
  starts: starts.map((row) => ({ row })),
  decodedBytes: rows * 100,
});

test('a large row group is cut into many splits of the same size where the model is heavy', () => {
  const splits = cutSplits([shard(10_000_000)], rules);
  expect(splits).toHaveLength(16);
  expect(new Set(splits.slice(0, -1).map(({ rows }) => rows))).toEqual(new Set([626_688]));
});

test('a row group is read from its start few times where the model is light', () => {
  const light = { ...rules, modelBytes: 1000 };
  const rowsOf = (shards: readonly ShardSize[]): readonly number[] => cutSplits(shards, light).map(({ rows }) => rows);
  expect(rowsOf([shard(1_000_000)])).toEqual([251_904, 251_904, 251_904, 244_288]);
  expect(rowsOf([shard(600_000, [0, 300_000])])).toEqual([
    75_776, 75_776, 75_776, 73_728, 75_776, 75_776, 75_776, 71_616,
  ]);
});

test('a row group that is large by itself is cut into pieces of 256 MiB whatever the model', () => {
  const huge = { ...shard(10_000_000), decodedBytes: 2 ** 32 };
  const splits = cutSplits([huge], { ...rules, modelBytes: 1000 });
  expect(splits).toHaveLength(16);
});

test('a large shard of many row groups is cut where they begin', () => {
  const starts = Array.from({ length: 100 }, (_, index) => index * 102_400);
  const splits = cutSplits([shard(10_240_000, starts)], rules);
  expect(splits.every(({ pieces: [{ startRow }] }) => startRow % 102_400 === 0)).toBe(true);
});

test('few rows of a light model are one split, of a heavy one several', () => {
  const rowsOf = (modelBytes: number): readonly number[] =>
    cutSplits([shard(60_000)], { ...rules, modelBytes }).map(({ rows }) => rows);
  expect(rowsOf(300)).toEqual([60_000]);
  expect(rowsOf(30_000)).toEqual([30_720, 29_280]);
  expect(rowsOf(3_000_000)).toEqual([16_384, 16_384, 16_384, 10_848]);
});

test('thousands of small shards are packed', () => {
  const splits = cutSplits(
    Array.from({ length: 5000 }, () => shard(10)),
    rules,
  );
  expect(splits.map(({ pieces }) => pieces.length)).toEqual([1638, 1638, 1638, 86]);
});

test('little data is one split', () => {
  expect(cutSplits([shard(1000), shard(2000)], rules)).toEqual([
    {
      index: 0,
      rows: 3000,
      pieces: [
        { shard: 0, startRow: 0, endRow: 1000 },
        { shard: 1, startRow: 0, endRow: 2000 },
      ],
    },
  ]);
});

test('wide rows make smaller splits', () => {
  const wide = { ...shard(100_000), decodedBytes: 100_000 * 100_000 };
  expect(cutSplits([wide], rules).length).toBeGreaterThan(10);
});

test('without rows there is one split of none, so that the result has its columns', () => {
  expect(cutSplits([shard(0), shard(0)], rules)).toEqual([
    { index: 0, rows: 0, pieces: [{ shard: 0, startRow: 0, endRow: 0 }] },
  ]);
  expect(cutSplits([{ ...shard(0), starts: [{ row: 0, byte: 7 }], endByte: 7 }], rules)).toEqual([
    { index: 0, rows: 0, pieces: [{ shard: 0, startRow: 0, endRow: 0, startByte: 7, endByte: 7 }] },
  ]);
});

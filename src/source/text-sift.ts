// Pieces whose text DuckDB's readers stumble over, sifted: records that are no rows become rejects with their lines, all others
// are copied, one to a line, for the readers to try again. A broken line so costs one row, and no more than another pass.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { FailureError } from '../core/failure.ts';
import type { Reject } from '../core/split.ts';
import { ScratchFile } from './scratch-file.ts';
import type { ReadPiece } from './source.ts';
import { fileBlocks } from './text-file.ts';
import { linesOfBytes } from './text-lines.ts';
import { bytesOf, type RowRun, rowsOf } from './text-pieces.ts';
import { type RecordScanner, recordsOf } from './text-scanner.ts';
import type { ScratchText } from './text-scratch.ts';

export interface Sieve {
  scanner(): RecordScanner;
  /** Why a record (bytes as letters, latin1) is no row, or null. */
  problemOf(text: string): string | null;
}

export interface SiftedText extends ScratchText {
  /** The rows that the copied records are, in order. */
  readonly runs: readonly RowRun[];
  readonly rows: number;
  readonly longestBytes: number;
  readonly rejects: readonly Reject[];
}

/** Sifts pieces into a scratch file; throws a FailureError when a piece has other rows than were counted. */
export async function siftText(folder: string, pieces: readonly ReadPiece[], sieve: Sieve): Promise<SiftedText> {
  const file = await ScratchFile.create(join(folder, `sifted-${randomUUID()}`));
  const runs: RowRun[] = [];
  const rejects: Reject[] = [];
  let longestBytes = 0;
  try {
    for (const piece of pieces) {
      const { path: piecePath, startByte, endByte } = bytesOf(piece);
      const shard = piece.source.index;
      const broken: BrokenRecord[] = [];
      let row = piece.startRow;
      let firstRow = row;
      const endRun = (): void => {
        if (row > firstRow) runs.push({ shard, firstRow, endRow: row });
        firstRow = row + 1;
      };
      for await (const records of recordsOf(fileBlocks(piecePath, startByte, endByte), sieve.scanner(), startByte)) {
        const good: string[] = [];
        for (const { text, byte } of records) {
          const problem = sieve.problemOf(text);
          if (problem !== null) {
            endRun();
            broken.push({ row, byte, problem, text: text.slice(0, contentBytes) });
          } else {
            good.push(text, '\n');
            longestBytes = Math.max(longestBytes, text.length);
          }
          row++;
        }
        await file.write(Buffer.from(good.join(''), 'latin1'));
      }
      endRun();
      if (row !== piece.endRow) {
        const read = row - piece.startRow;
        throw new FailureError({ reason: 'row-count-mismatch', path: piecePath, counted: rowsOf(piece), read });
      }
      rejects.push(...(await rejectsOf(shard, piecePath, broken)));
    }
  } catch (error) {
    await file.remove();
    throw error;
  } finally {
    await file.close();
  }
  const rows = runs.reduce((sum, run) => sum + run.endRow - run.firstRow, 0);
  return { path: file.path, runs, rows, longestBytes, rejects, remove: () => file.remove() };
}

export interface BrokenRecord {
  readonly row: number;
  readonly byte: number;
  readonly problem: string;
  readonly text: string;
}

/** A reject shows so much of its record. */
export const contentBytes = 10_000;

export async function rejectsOf(shard: number, path: string, broken: readonly BrokenRecord[]): Promise<Reject[]> {
  const lines = await linesOfBytes(
    path,
    broken.map(({ byte }) => byte),
  );
  return broken.map(({ row, problem, text }, index) => ({
    shard,
    row,
    reason: 'malformed-line',
    column: null,
    message: `line ${lines[index]} is malformed: ${problem}`,
    content: Buffer.from(text, 'latin1').toString(),
  }));
}

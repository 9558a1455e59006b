// rejects.parquet: one row per reject, streamed from the JSON Lines files that the workers staged, in the order of those files.
import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { failureOfIo } from '../core/atomic-file.ts';
import type { Reject } from '../core/split.ts';
import type { ListedReject } from './rejects-summary.ts';
import { type Cell, type TableColumn, writeTable } from './write-table.ts';

const columns: readonly TableColumn[] = [
  { name: 'shard', type: 'text', nullable: false },
  { name: 'row', type: 'integer', nullable: false },
  { name: 'reason', type: 'text', nullable: false },
  { name: 'column', type: 'text', nullable: true },
  { name: 'message', type: 'text', nullable: false },
  { name: 'content', type: 'text', nullable: true },
  { name: 'run_id', type: 'text', nullable: false },
  { name: 'replaced_by', type: 'text', nullable: true },
];

export interface RejectsTable {
  /** Staged files with one Reject per line, in the order of their splits. */
  readonly stagedPaths: readonly string[];
  /** Path of each shard, by index. */
  readonly shardPaths: readonly string[];
  readonly runId: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Told of each reject as it is listed. */
  readonly observe?: (reject: ListedReject) => void;
}

/** Writes rejects.parquet and returns the number of rejects; a row's number counts from 0 within its shard. */
export function writeRejects(
  path: string,
  { stagedPaths, shardPaths, runId, metadata = {}, observe = () => {} }: RejectsTable,
): Promise<number> {
  async function* rows(): AsyncGenerator<Cell[]> {
    for (const stagedPath of stagedPaths) {
      for await (const line of lines(stagedPath)) {
        const reject: Reject = JSON.parse(line);
        const { row, reason, column, message, content } = reject;
        const shard = shardPaths[reject.shard];
        observe({ shard, row, reason, column, message, content });
        yield [shard, row, reason, column, message, content, runId, null];
      }
    }
  }
  return writeTable(path, { columns, rows: rows(), metadata });
}

/** The lines of a UTF-8 file; readline would lose some to the awaits between them. */
async function* lines(path: string): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for await (const bytes of createReadStream(path)) {
      const pieces = (rest + decoder.write(bytes)).split('\n');
      rest = pieces.pop()!;
      yield* pieces;
    }
  } catch (error) {
    throw failureOfIo('read', path, error);
  }
  if (rest !== '') throw new Error(`${path} ends within a line`);
}

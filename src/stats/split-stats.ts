// One row of stats.parquet: what one split was, what came of it, and where its time went.
import type { SplitOutcome } from '../core/outcome.ts';
import type { Shard, Split } from '../core/split.ts';
import { percentile } from './histogram.ts';

/** Plain data: camelCase in JSON, the same names in snake_case as columns. */
export interface SplitStats {
  readonly split: number;
  /** Path of the (first) shard. */
  readonly shard: string;
  /** How many shards the split covers; more than one only when small shards are scored together. */
  readonly shards: number;
  /** Where in the (first) shard the split begins. */
  readonly firstRow: number;
  /** rows = scored + rejected + filtered. */
  readonly rows: number;
  readonly scored: number;
  readonly rejected: number;
  readonly filtered: number;
  /** Scored rows that `output.where` does not hold back. */
  readonly written: number;
  /** File name in the output folder; null when the split was not published. */
  readonly part: string | null;
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** The sum of the six stages. */
  readonly wallMs: number;
  readonly openMs: number;
  readonly readMs: number;
  readonly bindMs: number;
  readonly inferMs: number;
  readonly writeMs: number;
  readonly commitMs: number;
  readonly rowsPerSecond: number | null;
  readonly batches: number;
  /** Durations of `session.run`, at most 5 % too high; null when no batch ran. */
  readonly batchP50Ms: number | null;
  readonly batchP95Ms: number | null;
  readonly batchP99Ms: number | null;
  readonly batchMaxMs: number | null;
  readonly peakMemoryBytes: number;
  /** JSON: `[[milliseconds since the start, rows done, resident bytes], ...]`, at most 33 moments. */
  readonly trace: string;
  readonly worker: number;
  readonly attempt: number;
  /** Scored by an earlier execution of the same job, and taken over. */
  readonly resumed: boolean;
  readonly runId: string;
  /** The run that scored its shards anew; null while its rows count. */
  readonly replacedBy: string | null;
}

export interface SplitFacts {
  readonly split: Split;
  /** All shards of the dataset, by index. */
  readonly shards: readonly Shard[];
  readonly part: string | null;
  readonly resumed: boolean;
  readonly runId: string;
}

export function splitStats(outcome: SplitOutcome, { split, shards, part, resumed, runId }: SplitFacts): SplitStats {
  const [first] = split.pieces;
  return {
    split: outcome.split,
    shard: shards[first.shard].path,
    shards: new Set(split.pieces.map((piece) => piece.shard)).size,
    firstRow: first.startRow,
    rows: outcome.rows,
    scored: outcome.scored,
    rejected: outcome.rejected,
    filtered: outcome.filtered,
    written: outcome.written,
    part,
    inputBytes: outcome.readBytes,
    outputBytes: outcome.part.bytes,
    startedAt: new Date(outcome.startedMs).toISOString(),
    wallMs: outcome.wallMs,
    openMs: outcome.stageMs.open,
    readMs: outcome.stageMs.read,
    bindMs: outcome.stageMs.bind,
    inferMs: outcome.stageMs.infer,
    writeMs: outcome.stageMs.write,
    commitMs: outcome.stageMs.commit,
    rowsPerSecond: outcome.wallMs > 0 ? outcome.rows / (outcome.wallMs / 1000) : null,
    batches: outcome.batches,
    batchP50Ms: percentile(outcome.batchLatency, 0.5),
    batchP95Ms: percentile(outcome.batchLatency, 0.95),
    batchP99Ms: percentile(outcome.batchLatency, 0.99),
    batchMaxMs: percentile(outcome.batchLatency, 1),
    peakMemoryBytes: outcome.peakMemoryBytes,
    trace: JSON.stringify(outcome.trace),
    worker: outcome.worker,
    attempt: outcome.attempt,
    resumed,
    runId,
    replacedBy: null,
  };
}

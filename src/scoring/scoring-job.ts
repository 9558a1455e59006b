// What a worker must know to score any split of a run: plain data, the same for all workers.
import type { Shard } from '../core/split.ts';
import type { CsvOptions, Job } from '../job/schema.ts';
import type { TransformPlan } from '../transform/transform-plan.ts';
import type { Binding, WantedColumn } from './binding.ts';
import type { RowSample } from './row-sample.ts';

export interface PlannedShard extends Shard {
  readonly rows: number;
  /** The plain UTF-8 file to read instead of the shard, for compressed or transcoded text. */
  readonly plainPath: string | null;
  /** Formats with a footer: its hash. */
  readonly footerSha256?: string | undefined;
}

export interface ScoringJob {
  readonly shards: readonly PlannedShard[];
  readonly binding: Binding;
  /** What is read of each row. */
  readonly wanted: readonly WantedColumn[];
  /** The module that adds columns to the rows before anything else sees them. */
  readonly transform: TransformPlan | null;
  /** The job's row filter. */
  readonly where: string | null;
  readonly csv: CsvOptions;
  readonly compression: Job['output']['compression'];
  /** The grid: batches begin on multiples of this many rows of a shard. */
  readonly batchRows: number;
  /** Whether rows are scored in the query that writes them; see score-in-query. */
  readonly isOnePass: boolean;
  /** The rows that the summaries of columns look at; null: there are none. */
  readonly sample: RowSample | null;
}

// The plain messages between the supervisor and the engine process, and between the engine and its workers.
import type { Failure } from '../core/failure.ts';
import type { SplitOutcome } from '../core/outcome.ts';
import type { Shard, Split } from '../core/split.ts';
import type { Job } from '../job/schema.ts';
import type { ModelFolder } from '../model/model-folder.ts';
import type { DryRows } from '../plan/dry-rows.ts';
import type { Plan } from '../plan/plan.ts';
import type { CrashedAt } from '../scoring/split-request.ts';
import type { Question, ReplyTo } from './questions.ts';

export interface CrashedRow extends CrashedAt {
  readonly split: number;
}

/** What a pool needs besides the plan. */
export interface PoolSettings {
  readonly workers: number;
  readonly stagingFolder: string;
  /** For DuckDB in each worker. */
  readonly memoryBytesPerWorker: number;
  /** Footer metadata of every part. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface SplitTask {
  readonly split: Split;
  readonly attempt: number;
  /** Rows of this split that ended an engine before: they are rejected unseen. */
  readonly crashed: readonly CrashedRow[];
  /**
   * Score only the rows whose place in the split lies in [from, to), and throw the results away: only whether the engine
   * survives is wanted. `start`: open what scoring takes, and read nothing. null: score the split.
   */
  readonly probe: { readonly from: number; readonly to: number } | 'start' | null;
}

export type SplitAnswer =
  | { readonly ok: true /** null for a probe. */; readonly outcome: SplitOutcome | null }
  | { readonly ok: false; readonly failures: readonly [Failure, ...Failure[]] };

export type ToEngine =
  | {
      readonly kind: 'preflight';
      readonly job: Job;
      readonly folder: ModelFolder;
      readonly shards: readonly Shard[];
      readonly scratchFolder: string | null;
      readonly temporaryFolder: string;
      readonly memoryBytes: number;
      readonly dryRows: DryRows;
      readonly batchRows: number | null;
      readonly remembers: boolean;
      /** Worker threads to start meanwhile; 0 where the plan may do without. */
      readonly workersAhead: number;
      /** Types that text columns have in the result already, where the job declares none. */
      readonly pinnedTypes: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'start'; readonly plan: Plan; readonly settings: PoolSettings }
  | { readonly kind: 'score'; readonly id: number; readonly task: SplitTask }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  /** Workers finish their batch and give their splits back as interrupted. */
  | { readonly kind: 'drain' }
  | { readonly kind: 'stop' };

export type Reply =
  | { readonly ok: true; readonly value: ReplyTo<Question> }
  | { readonly ok: false; readonly failures: readonly [Failure, ...Failure[]] };

/** Rows done of a split that is being scored. */
export interface SplitProgress {
  readonly split: number;
  readonly rows: number;
  readonly rejected: number;
  /** Calls of the model and splits begun so far, by this worker: another number means that the work moves. */
  readonly beats: number;
}

export type FromEngine =
  /** Sent now and then while a plan is made, unless something holds up the whole process. */
  | { readonly kind: 'planning' }
  | { readonly kind: 'planned'; readonly plan: Plan }
  | { readonly kind: 'refused'; readonly failures: readonly [Failure, ...Failure[]] }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: SplitAnswer }
  | { readonly kind: 'reply'; readonly id: number; readonly reply: Reply }
  | { readonly kind: 'progress'; readonly inFlight: readonly SplitProgress[] };

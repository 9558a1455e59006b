// Where the time of a run went: all of `workers x wall time` in six shares, without a rest, and what held the run back.
// Too few splits did when idle is over a quarter, or engines that ended and were started again while workers waited for the
// split that did it; otherwise the largest of the other shares.
import type { SplitOutcome, Stage } from '../core/outcome.ts';

export interface ScoringTimes {
  /** When the run began, milliseconds since 1970, on the clock of `SplitOutcome.startedMs`. */
  readonly startedMs: number;
  /** The run's three phases, one after the other. */
  readonly preflightMs: number;
  readonly scoringMs: number;
  readonly publishMs: number;
  /** At least 1: scoring without threads counts as one worker. */
  readonly workers: number;
  /** Splits finished in this execution. */
  readonly outcomes: readonly SplitOutcome[];
}

export interface TimeShares {
  /** Preflight, and until a worker began its first split. */
  readonly startUpShare: number;
  /** Stages open, read, bind. */
  readonly readingShare: number;
  /** Stage infer. */
  readonly modelShare: number;
  /** Stages write, commit, and publishing. */
  readonly writingShare: number;
  /** Hand-over, failed attempts, engine restarts. */
  readonly betweenSplitsShare: number;
  /** After a worker's last split, or all of scoring for a worker that never got one. */
  readonly idleShare: number;
}

export type HeldBackBy = 'start-up' | 'reading' | 'model' | 'writing' | 'retries' | 'too-few-splits';

/** `stageMs` are the totals over all outcomes. */
export function timeShares(times: ScoringTimes, stageMs: Readonly<Record<Stage, number>>): TimeShares {
  const { workers, outcomes } = times;
  const scoringStartMs = times.startedMs + times.preflightMs;
  const scoringEndMs = scoringStartMs + times.scoringMs;
  const workersSeen = [...new Set(outcomes.map((outcome) => outcome.worker))];
  const spans = workersSeen.map((worker) => spanOf(outcomes.filter((outcome) => outcome.worker === worker)));
  const waitingMs = sumOf(spans, ({ startMs }) => Math.max(0, startMs - scoringStartMs));
  const tailMs = sumOf(spans, ({ endMs }) => Math.max(0, scoringEndMs - endMs));
  const unusedMs = Math.max(0, workers - spans.length) * times.scoringMs;
  const busyMs = sumOf(outcomes, (outcome) => outcome.wallMs);
  const betweenMs = Math.max(0, sumOf(spans, ({ startMs, endMs }) => endMs - startMs) - busyMs);
  const startUpMs = workers * times.preflightMs + waitingMs;
  const readingMs = stageMs.open + stageMs.read + stageMs.bind;
  const writingMs = stageMs.write + stageMs.commit + workers * times.publishMs;
  const idleMs = tailMs + unusedMs;
  const totalMs = startUpMs + readingMs + stageMs.infer + writingMs + betweenMs + idleMs;
  const shareOf = (partMs: number): number => (totalMs > 0 ? partMs / totalMs : 0);
  return {
    startUpShare: shareOf(startUpMs),
    readingShare: shareOf(readingMs),
    modelShare: shareOf(stageMs.infer),
    writingShare: shareOf(writingMs),
    betweenSplitsShare: shareOf(betweenMs),
    idleShare: shareOf(idleMs),
  };
}

export function heldBackBy(shares: TimeShares, engineRestarts: number): HeldBackBy {
  if (shares.idleShare > 0.25) return engineRestarts > 0 ? 'retries' : 'too-few-splits';
  const candidates: readonly (readonly [HeldBackBy, number])[] = [
    ['model', shares.modelShare],
    ['reading', shares.readingShare],
    ['writing', shares.writingShare],
    ['start-up', shares.startUpShare],
    ['retries', shares.betweenSplitsShare],
  ];
  return candidates.reduce((largest, candidate) => (candidate[1] > largest[1] ? candidate : largest))[0];
}

/** From the start of the first split to the end of the last; empty when there is none. */
export function spanOf(outcomes: readonly SplitOutcome[]): { readonly startMs: number; readonly endMs: number } {
  if (outcomes.length === 0) return { startMs: 0, endMs: 0 };
  return {
    startMs: outcomes.reduce((start, outcome) => Math.min(start, outcome.startedMs), Number.POSITIVE_INFINITY),
    endMs: outcomes.reduce((end, outcome) => Math.max(end, outcome.startedMs + outcome.wallMs), 0),
  };
}

export const sumOf = <Item>(items: readonly Item[], amountOf: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + amountOf(item), 0);

// Charges every millisecond of a split to exactly one stage, so that the stages add up to the wall time by construction.
import { type Stage, stages } from '../core/outcome.ts';

export interface StageTimes {
  /** The sum of the stages. */
  readonly wallMs: number;
  readonly stageMs: Readonly<Record<Stage, number>>;
}

export interface Stopwatch {
  /** From now on, time belongs to this stage. Stages may be entered in any order and any number of times. */
  enter(stage: Stage): void;
  /** Time so far that was charged to one stage belongs to another: at most as much as there is. */
  move(from: Stage, to: Stage, ms: number): void;
  /** The times until now. */
  stop(): StageTimes;
}

/** Starts in stage `open`. `nowMs` is a monotonic clock in milliseconds. */
export function startStopwatch(nowMs: () => number = () => performance.now()): Stopwatch {
  const stageMs: Record<Stage, number> = { open: 0, read: 0, bind: 0, infer: 0, write: 0, commit: 0 };
  let stage: Stage = 'open';
  let sinceMs = nowMs();
  const enter = (next: Stage): void => {
    const timeMs = nowMs();
    stageMs[stage] += timeMs - sinceMs;
    stage = next;
    sinceMs = timeMs;
  };
  return {
    enter,
    move(from, to, ms) {
      enter(stage);
      const movedMs = Math.min(ms, stageMs[from]);
      stageMs[from] -= movedMs;
      stageMs[to] += movedMs;
    },
    stop() {
      enter(stage);
      return { wallMs: stages.reduce((sum, name) => sum + stageMs[name], 0), stageMs: { ...stageMs } };
    },
  };
}

// How a split went over time: rows done and memory held at a few moments, never more than 32. The moments lie further apart
// the longer the split takes, so that a short one is seen as well as a long one.
import type { TracePoint } from '../core/outcome.ts';

export interface Trace {
  /** Rows done so far. Cheap: the process is asked for its memory only when a moment is due. */
  mark(rows: number): void;
  /** The rows are done anew from the first. */
  restart(): void;
  /** All moments, with now as the last one. */
  end(rows: number): readonly TracePoint[];
}

const firstEveryMs = 20;
const mostPoints = 32;

export function startTrace(
  nowMs: () => number = () => performance.now(),
  memoryBytes: () => number = () => process.memoryUsage.rss(),
): Trace {
  const startedMs = nowMs();
  let everyMs = firstEveryMs;
  let points: TracePoint[] = [[0, 0, memoryBytes()]];
  let dueMs = startedMs + everyMs;
  const take = (atMs: number, rows: number): void => {
    points.push([Math.round((atMs - startedMs) * 10) / 10, rows, memoryBytes()]);
  };
  return {
    mark(rows) {
      const atMs = nowMs();
      if (atMs < dueMs) return;
      take(atMs, rows);
      if (points.length === mostPoints) {
        points = points.filter((_, i) => i % 2 === 0);
        everyMs *= 2;
      }
      dueMs = atMs + everyMs;
    },
    restart() {
      points = points.slice(0, 1);
    },
    end(rows) {
      take(nowMs(), rows);
      return points;
    },
  };
}

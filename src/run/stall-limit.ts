// For how long a split may show no progress before its engine process is ended.
import { parseDurationMs } from '../core/duration.ts';
import type { Job } from '../job/schema.ts';

const leastMs = 10 * 60 * 1000;
/** Other batches may take longer than the first one did, but not by that much. */
const timesExpected = 20;

/**
 * The limit in milliseconds, Infinity for none. `auto` is ten minutes, or twenty times what a call of the model is expected to
 * take (null: nobody knows yet).
 */
export function stallAfterMs({ stallAfter }: Job['run'], expectedCallMs: number | null): number {
  if (stallAfter === 'auto') return Math.max(leastMs, timesExpected * (expectedCallMs ?? 0));
  const limitMs = parseDurationMs(stallAfter);
  return limitMs === 0 ? Number.POSITIVE_INFINITY : limitMs;
}

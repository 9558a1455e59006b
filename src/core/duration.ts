// Durations as people write them in a job: seconds, or a number with a unit.

const unitMs = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 } as const;

export const durationPattern = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)?$/;

/** Milliseconds of `90`, `"90s"`, `"10m"`, `"1.5h"`; a number without a unit is seconds. */
export function parseDurationMs(duration: string | number): number {
  const match = durationPattern.exec(String(duration).trim());
  if (match === null) throw new Error(`not a duration: ${duration}`);
  return Number(match[1]) * unitMs[(match[2] ?? 's') as keyof typeof unitMs];
}

// Durations for people, by their two leading units.

/** `0.4 ms`, `850 ms`, `12.4 s`, `3 min 05 s`, `2 h 07 min`, `4 d 03 h`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 10) return `${Number(durationMs.toFixed(1))} ms`;
  if (durationMs < 999.5) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${twoDigits(hours % 24)} h`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

// The day a run is for, and the days of a backfill: what `{{ ds }}` stands for, given by `--date` or `--dates`, or today in UTC.

/** YYYY-MM-DD, in UTC. */
export const today = (): string => new Date().toISOString().slice(0, 10);

/** What is wrong with a text that should be a day, or undefined. */
export function dayProblem(text: string): string | undefined {
  const milliseconds = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  const exists = !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(text);
  return exists ? undefined : `must be a day such as 2026-01-31, not ${JSON.stringify(text)}`;
}

const dayMs = 24 * 60 * 60 * 1000;
/** Ten years: more is a slip of the pen. */
const mostDays = 3660;

/**
 * The days of `2026-11-01..2026-11-07` (both ends belong to it), of a single day, or of several of these between commas, in
 * the order in which they stand, each once; or a sentence on what is wrong.
 */
export function readDays(text: string): readonly string[] | string {
  const days = new Set<string>();
  for (const range of text.split(',').map((item) => item.trim())) {
    const ends = range.split('..');
    const [first, last = first] = ends;
    const problem = ends.length > 2 ? dayProblem(range) : (dayProblem(first) ?? dayProblem(last));
    if (problem !== undefined) return `${problem}; a range is written 2026-01-01..2026-01-31`;
    if (last < first) return `${range} ends before it begins`;
    for (let ms = Date.parse(first); ms <= Date.parse(last); ms += dayMs) {
      days.add(new Date(ms).toISOString().slice(0, 10));
      if (days.size > mostDays) return `${JSON.stringify(text)} has more than ${mostDays} days`;
    }
  }
  return [...days];
}

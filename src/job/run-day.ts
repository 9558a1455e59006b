// The day a run is for: what `{{ ds }}` stands for, given by `--date` or today in UTC.

/** YYYY-MM-DD, in UTC. */
export const today = (): string => new Date().toISOString().slice(0, 10);

/** What is wrong with a text that should be a day, or undefined. */
export function dayProblem(text: string): string | undefined {
  const milliseconds = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  const exists = !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(text);
  return exists ? undefined : `must be a day such as 2026-01-31, not ${JSON.stringify(text)}`;
}

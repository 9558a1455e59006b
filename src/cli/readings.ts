// Texts of options that are no part of the job, read one by one. Those that are part of it are read by the job schema.
import { dayProblem, readDays } from '../job/run-day.ts';

/** What a text means, or what is wrong with it. */
export type Reading<T> = { readonly value: T } | { readonly problem: string };

const yes = ['true', '1', 'yes', 'on'];
const no = ['false', '0', 'no', 'off'];

export function readFlag(text: string): Reading<boolean> {
  const word = text.trim().toLowerCase();
  if (yes.includes(word) || no.includes(word)) return { value: yes.includes(word) };
  return { problem: `must be true or false, not ${JSON.stringify(text)}` };
}

export function readLogFormat(text: string): Reading<'text' | 'json'> {
  if (text === 'text' || text === 'json') return { value: text };
  return { problem: `must be "text" or "json", not ${JSON.stringify(text)}` };
}

export const readWhole =
  (most: number) =>
  (text: string): Reading<number> => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value <= most) return { value };
    const limit = most === Number.MAX_SAFE_INTEGER ? '' : ` up to ${most}`;
    return { problem: `must be a whole number${limit}, not ${JSON.stringify(text)}` };
  };

export function readDay(text: string): Reading<string> {
  const problem = dayProblem(text);
  return problem === undefined ? { value: text } : { problem };
}

/** Days in order, for a run over several of them. */
export function readDayList(text: string): Reading<readonly string[]> {
  const days = readDays(text);
  return typeof days === 'string' ? { problem: days } : { value: days };
}

export function readUrl(text: string): Reading<string> {
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (protocol === 'http:' || protocol === 'https:') return { value: text };
  return { problem: 'must be a URL that begins with http:// or https://' };
}

/** A run's name becomes part of file names. Airflow's `scheduled__2026-01-31T00:00:00+00:00` is one. */
export function readRunId(text: string): Reading<string> {
  if (/^\w[\w.:+-]{0,127}$/.test(text)) return { value: text };
  return {
    problem: `must be up to 128 letters, digits and _ . : + -, beginning with a letter or digit, not ${JSON.stringify(text)}`,
  };
}

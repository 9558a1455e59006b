// A value against the job schema, with one readable sentence for each problem instead of the schema library's report:
// of a union's branches only the one that the value was meant for speaks.
import type * as z from 'zod';
import { nearest } from '../core/edit-distance.ts';
import { didYouMean, listed } from '../core/failures/failure-kind.ts';
import { type JsonSchema, jobJsonSchema } from './json-schema.ts';
import { formatPath, type Path, valueAt } from './overrides.ts';
import { type Job, jobSchema } from './schema.ts';

/** One problem: the value's path, or the unknown key's. `missing`: a value is needed where there is none. */
export interface Problem {
  readonly path: Path;
  readonly code: 'missing' | 'unknown-key' | 'inconsistent' | 'wrong';
  readonly message: string;
}

/** `job` is null exactly when there are problems. */
export interface Checked {
  readonly job: Job | null;
  readonly problems: readonly Problem[];
}

type Issue = z.core.$ZodIssue;

/** `shownOf` may give a message another name for the value at a path than the value itself as JSON, cut short. */
export function checkJob(value: unknown, shownOf: (path: Path) => string | undefined = () => undefined): Checked {
  const parsed = jobSchema.safeParse(value);
  if (parsed.success) return { job: parsed.data, problems: [] };
  const shown = (path: Path): string => shownOf(path) ?? clip(valueAt(value, path));
  const problems = parsed.error.issues.flatMap(withoutUnions).flatMap((issue) => problemsOf(issue, value, shown));
  const mistyped = new Set(
    problems.flatMap(({ code, path }) => (code === 'unknown-key' ? [formatPath(path.slice(0, -1))] : [])),
  );
  // With a mistyped key, that keys do not go together is no news.
  return {
    job: null,
    problems: problems.filter(({ code, path }) => code !== 'inconsistent' || !mistyped.has(formatPath(path))),
  };
}

/** The issues of the one branch whose type the value has; the union's own sentence where none or several fit. */
function withoutUnions(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.filter(isMeant);
  if (meant.length !== 1) return [issue];
  return meant[0].flatMap((nested) => withoutUnions({ ...nested, path: [...issue.path, ...nested.path] }));
}

/** Whether a branch at least has the value's type: its issues lie deeper, or are about something else. */
function isMeant(branch: readonly Issue[]): boolean {
  return !branch.some((issue) => {
    if (issue.path.length > 0) return false;
    if (issue.code === 'invalid_union') return !issue.errors.some(isMeant);
    return issue.code === 'invalid_type' || issue.code === 'invalid_value';
  });
}

function problemsOf(issue: Issue, value: unknown, shown: (path: Path) => string): readonly Problem[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], code: 'unknown-key', message: unknownKey(path, key) }));
  }
  if (issue.code === 'custom') return [{ path, code: 'inconsistent', message: issue.message }];
  const actual = valueAt(value, path);
  if (actual === undefined) return [{ path, code: 'missing', message: 'is missing' }];
  const expected = expectation(issue);
  if (/empty$|one item$/.test(expected)) return [{ path, code: 'wrong', message: expected }];
  const message = `${expected}, not ${actual === null ? 'empty' : shown(path)}${suggestionFor(issue, actual)}`;
  return [{ path, code: 'wrong', message }];
}

function suggestionFor(issue: Issue, actual: unknown): string {
  if (issue.code !== 'invalid_value' || typeof actual !== 'string') return '';
  const suggestion = nearest(actual, issue.values.map(String));
  return suggestion === undefined ? '' : `.${didYouMean(suggestion)}`;
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${alternatives(issue.values.map((value) => JSON.stringify(value)))}`;
    case 'too_small':
      if (issue.origin === 'string') return issue.exact ? 'must be exactly one character' : 'must not be empty';
      if (issue.origin === 'array') return 'must have at least one item';
      return issue.inclusive ? `must be at least ${issue.minimum}` : `must be more than ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'string') return `must be ${issue.exact ? 'exactly' : 'at most'} one character`;
      return `must be at most ${issue.maximum}`;
    case 'invalid_key':
      return 'must have a name';
    default:
      return issue.message;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  // Where any number will do, a union says so in its own words.
  number: 'a whole number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of names to values',
};

/** `a`, `a or b`, `a, b or c`. */
function alternatives(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`;
}

function unknownKey(parent: Path, key: string): string {
  const known = keysUnder(jobJsonSchema(), parent);
  const sibling = nearest(key, known);
  if (sibling !== undefined) return `unknown key.${didYouMean(sibling)}`;
  const elsewhere = allPaths(jobJsonSchema(), []).find((path) => nearest(key, [String(path.at(-1))]) !== undefined);
  if (elsewhere !== undefined) return `unknown key.${didYouMean(formatPath(elsewhere))}`;
  return `unknown key; there are ${listed(known, 16)}`;
}

const branchesOf = (shape: JsonSchema): readonly JsonSchema[] => [shape, ...(shape.anyOf ?? []).flatMap(branchesOf)];

function keysUnder(root: JsonSchema, path: Path): readonly string[] {
  const shapes = path.reduce<readonly JsonSchema[]>(
    (current, key) =>
      current.flatMap(branchesOf).flatMap(({ properties, additionalProperties }) => {
        if (properties !== undefined && Object.hasOwn(properties, key)) return [properties[key]];
        return typeof additionalProperties === 'object' ? [additionalProperties] : [];
      }),
    [root],
  );
  return shapes.flatMap(branchesOf).flatMap(({ properties }) => Object.keys(properties ?? {}));
}

function allPaths(shape: JsonSchema, path: Path): readonly Path[] {
  return Object.entries(shape.properties ?? {}).flatMap(([key, inner]) => [
    [...path, key],
    ...allPaths(inner, [...path, key]),
  ]);
}

function clip(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

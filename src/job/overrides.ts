// Values that options, variables and `--set` lay over the job file. A later override wins; one at a path replaces the
// whole value there, lists included. Nothing is checked here: the schema sees the merged value.
import { parseDocument } from 'yaml';

/** One value from outside the job file. `source` is what a person typed: `--nulls`, `SCOREMILL_NULLS`, `--set rejects.budget`. */
export interface Override {
  readonly source: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

export type Path = readonly (string | number)[];
export type Mapping = Readonly<Record<string, unknown>>;

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value with every override in place; neither argument changes. */
export function applyOverrides(value: Mapping, overrides: readonly Override[]): Mapping {
  return overrides.reduce<Mapping>((merged, override) => withValueAt(merged, override.path, override.value), value);
}

/** The mapping with another value at a path. What stands in the way of the path is replaced; an item of a list is not. */
export function withValueAt(target: unknown, [key, ...rest]: Path, value: unknown): Mapping {
  const inner = (previous: unknown): unknown => (rest.length === 0 ? value : withValueAt(previous, rest, value));
  if (Array.isArray(target) && typeof key === 'number')
    return target.with(key, inner(target[key])) as unknown as Mapping;
  const mapping = isMapping(target) ? target : {};
  return { ...mapping, [key]: inner(Object.hasOwn(mapping, key) ? mapping[key] : undefined) };
}

/** The value at a path, or undefined where the path leads nowhere. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (current, key) =>
      typeof current === 'object' && current !== null && Object.hasOwn(current, key)
        ? (current as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}

/** The override that decided the value at a path: the last one at it, above it or below it. */
export function overrideOf(overrides: readonly Override[], path: Path): Override | undefined {
  return overrides.findLast((override) => {
    const shared = Math.min(override.path.length, path.length);
    return override.path.slice(0, shared).every((key, i) => key === String(path[i]));
  });
}

export interface Setting {
  readonly written: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

/**
 * Reads the `path.to.key=value` of `--set`. A key that holds a dot or an equals sign stands in double quotes
 * (`inputs."input.1"=age`); the value is read as YAML, so `5`, `true`, `[a, b]` and `{ as: score }` mean what they mean
 * in the job file. `written` is the path as it was typed. Returns a sentence when the text is no setting.
 */
export function readSetting(text: string): Setting | string {
  const head = /^(?:"[^"]*"|[^"=.]+)(?:\.(?:"[^"]*"|[^"=.]+))*(?==)/.exec(text)?.[0];
  if (head === undefined) return `${JSON.stringify(text)} is not of the form path.to.key=value`;
  const path = [...head.matchAll(/"([^"]*)"|[^".]+/g)].map((match) => match[1] ?? match[0].trim());
  const document = parseDocument(text.slice(head.length + 1), { prettyErrors: false });
  const problem = [...document.errors, ...document.warnings][0];
  if (problem !== undefined) return `the value of ${head} is not YAML: ${problem.message}`;
  try {
    return { written: head, path, value: document.toJS() };
  } catch (error) {
    if (error instanceof ReferenceError) return `the value of ${head} is not YAML: ${error.message}`;
    throw error;
  }
}

/** `inputs.age`, `dataset.path[1]`, `inputs."input.1"`: a path as messages and `--set` write it. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = /^[^".=[\]\s]+$/.test(key) ? key : JSON.stringify(key);
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

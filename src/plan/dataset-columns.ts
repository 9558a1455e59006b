// The columns of a whole dataset, and an empty relation of them to try expressions on before any file is read.
import type { SourceColumn } from '../core/split.ts';
import { quoteName } from '../core/sql.ts';
import type { ShardProfile } from '../source/source.ts';
import { hasNoColumns } from './check-shards.ts';

export interface DatasetColumn extends SourceColumn {
  /** Text formats: the type is a guess from samples, and the reader delivers whatever type is asked of it. */
  readonly isGuess: boolean;
  /** Text formats: the first values as they stand in the file. */
  readonly samples: readonly (string | null)[];
}

/**
 * The columns of the first shard; guessed types are widened to fit the samples of every shard, declared types stand. A pinned type
 * is what was guessed from earlier shards, and stands for a guess.
 */
export function datasetColumns(
  profiles: readonly ShardProfile[],
  declared: Readonly<Record<string, string>>,
  pinned: Readonly<Record<string, string>> = {},
): readonly DatasetColumn[] {
  const first = profiles.find((profile) => !hasNoColumns(profile)) ?? profiles[0];
  if (first.samples === undefined)
    return first.columns.map(({ name, type }) => ({ name, type, isGuess: false, samples: [] }));
  return first.columns.map(({ name, type }) => {
    const samples = profiles.flatMap((profile) => profile.samples?.[name] ?? []).slice(0, 100);
    if (declared[name] !== undefined) return { name, type: declared[name], isGuess: false, samples };
    if (pinned[name] !== undefined) return { name, type: pinned[name], isGuess: true, samples };
    const guesses = profiles.flatMap((profile) => profile.columns.filter((column) => column.name === name));
    return { name, type: guesses.map((column) => column.type).reduce(widened, type), isGuess: true, samples };
  });
}

/** With the columns that a transform makes of them: replaced where they stand, new ones behind. */
export function transformedColumns(
  columns: readonly DatasetColumn[],
  made: readonly SourceColumn[],
): readonly DatasetColumn[] {
  const known = new Set(columns.map(({ name }) => name));
  const ofModule = ({ name, type }: SourceColumn): DatasetColumn => ({ name, type, isGuess: false, samples: [] });
  return [
    ...columns.map((column) => {
      const other = made.find(({ name }) => name === column.name);
      return other === undefined ? column : ofModule(other);
    }),
    ...made.filter(({ name }) => !known.has(name)).map(ofModule),
  ];
}

function widened(one: string, other: string): string {
  if (one === other) return one;
  const isNumber = (type: string): boolean => type === 'BIGINT' || type === 'DOUBLE';
  return isNumber(one) && isNumber(other) ? 'DOUBLE' : 'VARCHAR';
}

/** SQL for a FROM clause: no rows, all columns. */
export function emptyRelation(columns: readonly SourceColumn[]): string {
  const casts = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteName(name)}`);
  return `(SELECT ${casts.join(', ')} LIMIT 0)`;
}

const numericType =
  /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT|FLOAT|DOUBLE|DECIMAL\(.*\))$/;

export const isNumeric = (type: string): boolean => numericType.test(type);

export interface NestedType {
  readonly leaf: string;
  /** Outermost first; null for a list of any length. Empty for a single value. */
  readonly sizes: readonly (number | null)[];
}

/** `FLOAT[3][]` is a list of any length of arrays of 3 floats: leaf FLOAT, sizes [null, 3]. */
export function nestedType(type: string): NestedType {
  const sizes: (number | null)[] = [];
  let leaf = type;
  for (let match = /\[(\d*)\]$/.exec(leaf); match !== null; match = /\[(\d*)\]$/.exec(leaf)) {
    sizes.push(match[1] === '' ? null : Number(match[1]));
    leaf = leaf.slice(0, match.index);
  }
  return { leaf, sizes };
}

/** The sizes of a column's lists; raw bytes are a list of them. Empty for a single value. */
export const sizesOf = (type: string): readonly (number | null)[] =>
  type === 'BLOB' ? [null] : nestedType(type).sizes;

/** The type that nests a leaf as `sizes` says. */
export const nestedTypeText = (leaf: string, sizes: readonly (number | null)[]): string =>
  leaf +
  [...sizes]
    .reverse()
    .map((size) => `[${size ?? ''}]`)
    .join('');

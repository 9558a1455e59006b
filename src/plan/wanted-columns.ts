// Which columns are carried along, which are read, and the type to read each in.

import type { Dtype } from '../core/dtype.ts';
import { isFloat, sqlTypeOfDtype } from '../core/dtype.ts';
import { nearest } from '../core/edit-distance.ts';
import type { Failure } from '../core/failure.ts';
import type { Job } from '../job/schema.ts';
import type { WantedColumn } from '../scoring/binding.ts';
import { type DatasetColumn, isNumeric, nestedType, nestedTypeText } from './dataset-columns.ts';
import type { ResolvedInput } from './resolve-inputs.ts';

/** The kept columns in input order: those that the job names, or all that no model input reads. */
export function keptColumns(
  { keep }: Job,
  columns: readonly DatasetColumn[],
  resolved: readonly ResolvedInput[],
  shardPath: string,
): { readonly kept: readonly string[]; readonly failures: readonly Failure[] } {
  const known = columns.map(({ name }) => name);
  if (keep === undefined) {
    const read = new Set(resolved.flatMap(({ features }) => features.flatMap(({ reads }) => reads)));
    return { kept: known.filter((name) => !read.has(name)), failures: [] };
  }
  const failures = keep
    .filter((name) => !known.includes(name))
    .map(
      (name): Failure => ({
        reason: 'column-missing',
        where: 'keep',
        column: name,
        shard: shardPath,
        known,
        suggestion: nearest(name, known),
      }),
    );
  return { kept: known.filter((name) => keep.includes(name)), failures };
}

export interface WantedRequest {
  readonly columns: readonly DatasetColumn[];
  readonly resolved: readonly ResolvedInput[];
  readonly kept: readonly string[];
  /** What the row filter reads. */
  readonly filter: readonly string[];
}

/** Every column to read. Text formats are asked for the type that the model wants, or one that serves all who read the column. */
export function wantedColumns({ columns, resolved, kept, filter }: WantedRequest): readonly WantedColumn[] {
  const fed = new Map<string, Set<Dtype>>();
  const shared = new Set<string>([...kept, ...filter]);
  for (const { input, spec, features } of resolved) {
    const isPrepared = spec.image !== undefined || spec.text !== undefined;
    for (const { column, reads } of features) {
      if (column === null) for (const name of reads) shared.add(name);
      else fed.set(column, (fed.get(column) ?? new Set()).add(isPrepared ? 'string' : input.dtype));
    }
  }
  return columns
    .filter(({ name }) => fed.has(name) || shared.has(name))
    .map(({ name, type, isGuess }): WantedColumn => {
      if (!isGuess) return { name, type };
      const dtypes = [...(fed.get(name) ?? [])];
      const isAlone = dtypes.length === 1 && !shared.has(name);
      const wanted = isAlone ? ownType(type, dtypes[0]) : sharedType(type, dtypes);
      return kept.includes(name) ? { name, type: wanted, exactText: true } : { name, type: wanted };
    });
}

/** The type of a text column that feeds nothing but inputs of one dtype. True and false stay what they are. */
function ownType(guess: string, dtype: Dtype): string {
  const { leaf, sizes } = nestedType(guess);
  return leaf === 'BOOLEAN' && dtype !== 'string' ? guess : nestedTypeText(sqlTypeOfDtype[dtype], sizes);
}

/** The type of a text column with more than one reader: as it was guessed, unless a model input could not take that. */
function sharedType(guess: string, dtypes: readonly Dtype[]): string {
  const { leaf, sizes } = nestedType(guess);
  if (dtypes.includes('string')) return nestedTypeText('VARCHAR', sizes);
  if (dtypes.length === 0 || isNumeric(leaf) || leaf === 'BOOLEAN') return guess;
  return nestedTypeText(dtypes.some(isFloat) ? 'DOUBLE' : 'BIGINT', sizes);
}

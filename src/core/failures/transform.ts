// Ways in which a module of the user's own cannot be used.
import { kind } from './failure-kind.ts';

/** Where: the path of the module. */
export interface AtModule {
  readonly path: string;
}

export const transformFailures = {
  'transform-missing': kind(
    66,
    'The module that the job names under `transform` is not there.',
    'Correct the path. A relative one starts at the job file; of a TypeScript module, name the .js file that it is compiled to.',
    ({ path }: AtModule) => `no module at ${path}; check transform in the job file`,
  ),
  'transform-unusable': kind(
    78,
    'The module that the job names under `transform` cannot be loaded, or exports no function.',
    'Load it with `node FILE` and mend what that says; docs/custom-code.md shows what a module looks like.',
    ({ path, message }: AtModule & { readonly message: string }) => `${path}: ${message}`,
  ),
  'transform-column-type': kind(
    78,
    'A column that the transform would be given is of a type that it cannot be given.',
    'Name the columns that the module needs (export const columns = [...]), without this one.',
    ({ path, column, type }: AtModule & { readonly column: string; readonly type: string }) =>
      `${path}: it would be given the column "${column}", which is ${type}; name the columns that it needs: export const columns = [...]`,
  ),
  'transform-result': kind(
    78,
    "What the transform's function gives is no result of its rows: other columns than before, another number of rows, another type.",
    'Return one value for each row, in the same order, and the same columns of the same types each time; docs/custom-code.md has examples.',
    ({ path, message }: AtModule & { readonly message: string }) => `${path}: ${message}`,
  ),
  'transform-fails-on-every-row': kind(
    78,
    "The transform's function throws on every row of the first ones.",
    'Mend the module. The message is what it threw.',
    (facts: AtModule & { readonly rows: number; readonly shard: string; readonly message: string }) =>
      `${facts.path}: it throws on each of the first ${facts.rows} rows of ${facts.shard}: ${facts.message}; mend it, or see what it is given with scoremill plan`,
  ),
};

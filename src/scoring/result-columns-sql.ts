// The result columns as a part has them, in SQL over where their values wait.
import { quoteName } from '../core/sql.ts';
import type { ResultColumn } from './binding.ts';
import { storedType } from './choose-buffer.ts';

/** SQL of each result column in its final type; `values` has them as c0, c1, ... */
export const resultColumnsSql = (columns: readonly ResultColumn[], values: string): readonly string[] =>
  columns.map((column, index) => {
    const value = `${values}.c${index}`;
    return `${storedType(column) === column.type ? value : `CAST(${value} AS ${column.type})`} AS ${quoteName(column.name)}`;
  });

// A list column of one chunk: its levels from the outermost, the values of all rows at the bottom, and where a row's own are.
import type { Vector } from '../core/duckdb.ts';
import {
  arrayOf,
  isValid,
  type ListView,
  listOf,
  type NumberArray,
  numbersOf,
  stringsOf,
  validityOf,
} from '../core/duckdb-vectors.ts';

export interface ListColumn {
  readonly levels: readonly ListView[];
  readonly leaf: Leaf;
}

/** Exactly one of numbers and texts is there. */
export interface Leaf {
  readonly type: string;
  readonly validity: Uint8Array | null;
  readonly numbers: NumberArray | null;
  readonly texts: readonly (string | null)[] | null;
}

export function listColumnOf(vector: Vector, listType: string, rows: number): ListColumn {
  const levels: ListView[] = [];
  let type = listType;
  let child = vector;
  let count = rows;
  for (let match = /\[(\d*)\]$/.exec(type); match !== null; match = /\[(\d*)\]$/.exec(type)) {
    const level: ListView = match[1] === '' ? listOf(child, count) : arrayOf(child, count, Number(match[1]));
    levels.push(level);
    child = level.child;
    count = level.childCount;
    type = type.slice(0, match.index);
  }
  const isText = type === 'VARCHAR';
  const leaf: Leaf = {
    type,
    validity: validityOf(child, count),
    numbers: isText ? null : numbersOf(child, type, count),
    texts: isText ? stringsOf(child, count) : null,
  };
  return { levels, leaf };
}

/** Where a row's values lie in the leaf, and the size of each level. */
export interface ListRange {
  readonly start: number;
  readonly sizes: readonly number[];
}

/** The range of a row, or why its lists have no one shape. */
export function rangeOf({ levels }: ListColumn, row: number): ListRange | 'null' | string {
  if (!isValid(levels[0].validity, row)) return 'null';
  let start = levels[0].startOf(row);
  let count = levels[0].lengthOf(row);
  const sizes = [count];
  for (let depth = 1; depth < levels.length; depth++) {
    const level = levels[depth];
    if (count === 0) {
      sizes.push(0);
      continue;
    }
    const size = level.lengthOf(start);
    const first = level.startOf(start);
    for (let list = start; list < start + count; list++) {
      if (!isValid(level.validity, list)) return 'null';
      if (level.lengthOf(list) !== size) return 'the inner lists differ in length';
      if (level.startOf(list) !== first + (list - start) * size)
        return 'the inner lists are not stored one after the other';
    }
    start = first;
    count *= size;
    sizes.push(size);
  }
  return { start, sizes };
}

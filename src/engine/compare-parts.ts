// Two parts that should hold the same rows, compared value by value. Rows meet by their place in the file, never by a key.
import type { Connection } from '../core/duckdb.ts';
import type { SourceColumn } from '../core/split.ts';
import { quoteName, quotePath } from '../core/sql.ts';
import type { ColumnDifference, PartComparison, Question } from './questions.ts';

type Request = Extract<Question, { readonly kind: 'compare-parts' }>;

const numeric = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/** What is not the same; NaN equals NaN, and 0.0 equals -0.0. */
export async function compareParts({ expected, found }: Request, connection: Connection): Promise<PartComparison> {
  const [a, b] = [expected, found].map((path) => `read_parquet(${quotePath(path)}, hive_partitioning = false)`);
  const [expectedColumns, foundColumns] = [await columnsOf(a, connection), await columnsOf(b, connection)];
  const [counts] = await connection.rows<{ a: bigint; b: bigint }>(
    `SELECT (SELECT count(*) FROM ${a}) AS a, (SELECT count(*) FROM ${b}) AS b`,
  );
  const shared = expectedColumns.filter(({ name, type }) =>
    foundColumns.some((other) => other.name === name && other.type === type),
  );
  const rows = Math.min(Number(counts.a), Number(counts.b));
  return {
    expectedRows: Number(counts.a),
    foundRows: Number(counts.b),
    differences:
      rows === 0 || shared.length === 0 ? [] : await differencesOf(pairs(a, b, shared, rows), shared, connection),
    columns: differentColumns(expectedColumns, foundColumns),
  };
}

const columnsOf = (file: string, connection: Connection): Promise<SourceColumn[]> =>
  connection.describe(`SELECT * FROM ${file}`);

/** One row for every pair of rows: `n`, and `a0, b0, a1, b1, ...` for the shared columns. */
function pairs(a: string, b: string, shared: readonly SourceColumn[], rows: number): string {
  const side = (letter: string): string =>
    shared.map(({ name }, index) => `${quoteName(name)} AS ${letter}${index}`).join(', ');
  return `(SELECT row_number() OVER () - 1 AS n, * FROM (SELECT ${side('a')} FROM ${a}) POSITIONAL JOIN (SELECT ${side('b')} FROM ${b}) LIMIT ${rows})`;
}

async function differencesOf(
  source: string,
  shared: readonly SourceColumn[],
  connection: Connection,
): Promise<readonly ColumnDifference[]> {
  const measures = shared.flatMap(({ type }, index) => {
    const differs = `a${index} IS DISTINCT FROM b${index}`;
    const distance = numeric.test(type) ? `max(abs(a${index}::DOUBLE - b${index}::DOUBLE))` : 'NULL::DOUBLE';
    return [
      `count(*) FILTER (WHERE ${differs}) AS rows${index}`,
      `min(n) FILTER (WHERE ${differs}) AS first${index}`,
      `${distance} AS largest${index}`,
    ];
  });
  const [measured] = await connection.rows<Record<string, bigint | number | null>>(
    `SELECT ${measures.join(', ')} FROM ${source}`,
  );
  const differences: ColumnDifference[] = [];
  for (const [index, { name }] of shared.entries()) {
    const rows = Number(measured[`rows${index}`]);
    if (rows === 0) continue;
    const firstRow = Number(measured[`first${index}`]);
    const [values] = await connection.rows<{ a: string | null; b: string | null }>(
      `SELECT left(CAST(a${index} AS VARCHAR), 80) AS a, left(CAST(b${index} AS VARCHAR), 80) AS b FROM ${source} WHERE n = ${firstRow}`,
    );
    const largest = measured[`largest${index}`];
    differences.push({
      column: name,
      rows,
      firstRow,
      expected: values.a,
      found: values.b,
      largest: largest === null ? null : Number(largest),
    });
  }
  return differences.sort((one, other) => one.firstRow - other.firstRow);
}

function differentColumns(expected: readonly SourceColumn[], found: readonly SourceColumn[]): readonly string[] {
  const types = new Map(found.map(({ name, type }) => [name, type]));
  const known = new Set(expected.map(({ name }) => name));
  return [
    ...expected.flatMap(({ name, type }) => {
      const other = types.get(name);
      if (other === undefined) return [`${name}: gone, was ${type}`];
      return other === type ? [] : [`${name}: ${other}, was ${type}`];
    }),
    ...found.filter(({ name }) => !known.has(name)).map(({ name, type }) => `${name}: ${type}, was not there`),
  ];
}

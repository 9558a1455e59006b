// The datasets of the suite, made by DuckDB from hashes of row and column: the same values every time, whatever the number of
// threads. A file that is there is whole, and is made once. Each has `id`, `cat`, the features f0.. and `label`, which no model reads.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { Bool, makeVector, type RecordBatch, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { quoteText } from '../src/core/sql.ts';

interface Dataset {
  /** Of the rows that were asked for. */
  readonly rowsOf: (rows: number) => number;
  readonly make: (request: { connection: DuckDBConnection; path: string; rows: number }) => Promise<void>;
}

/** Rows of a Parquet row group, as most writers cut them. */
const groupRows = 122_880;
const fileRows = 500;
/** Rows of an Arrow record batch. */
const arrowRows = 64 * 1024;

const tenth = (rows: number): number => Math.ceil(rows / 10);
const parquet = (rowGroupRows = groupRows): string =>
  `(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${rowGroupRows})`;

const datasets = {
  tiny: { rowsOf: () => 1000, make: (request) => copy(request, floats(30), parquet()) },
  floats: { rowsOf: (rows) => rows, make: (request) => copy(request, floats(30), parquet()) },
  types: { rowsOf: (rows) => rows, make: (request) => copy(request, mixed(30), parquet()) },
  sample: { rowsOf: tenth, make: (request) => copy(request, floats(30), parquet()) },
  csv: { rowsOf: tenth, make: (request) => copy(request, floats(30), '(FORMAT csv, HEADER)') },
  jsonl: { rowsOf: tenth, make: (request) => copy(request, floats(30), '(FORMAT json)') },
  arrow: { rowsOf: tenth, make: makeArrow },
  wide: { rowsOf: (rows) => Math.ceil((rows * 3) / 100), make: (request) => copy(request, floats(300), parquet()) },
  many: { rowsOf: tenth, make: makeMany },
  'one-row-group': { rowsOf: tenth, make: (request) => copy(request, floats(30), parquet(request.rows)) },
} satisfies Record<string, Dataset>;

export type DatasetName = keyof typeof datasets;

const suffixes: Readonly<Partial<Record<DatasetName, string>>> = {
  csv: '.csv',
  jsonl: '.jsonl',
  arrow: '.arrow',
  many: '',
};

export interface MadeDataset {
  /** A file, or a folder of them. */
  readonly path: string;
  readonly rows: number;
}

/** Makes the dataset below the folder unless it is there. `rows` is the size of the suite: some datasets are a share of it. */
export async function makeDataset(folder: string, name: DatasetName, rows: number): Promise<MadeDataset> {
  const dataset: Dataset = datasets[name];
  const made = {
    path: join(folder, `${name}-${dataset.rowsOf(rows)}${suffixes[name] ?? '.parquet'}`),
    rows: dataset.rowsOf(rows),
  };
  if (existsSync(made.path)) return made;
  mkdirSync(folder, { recursive: true });
  const unfinished = `${made.path}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await dataset.make({ connection, path: unfinished, rows: made.rows });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  renameSync(unfinished, made.path);
  return made;
}

/** The value of `cat` in a row, for whoever checks that it was kept. */
export const categoryOf = (id: string): string => `['a', 'b', 'c', 'd'][1 + (hash(${id}, -1) % 4)::INTEGER]`;

/** A number in [0, 1) with 24 bits, which a float holds exactly. */
const uniform = (column: number): string => `((hash(range, ${column}) >> 40)::DOUBLE / 16777216)`;

const table = (features: readonly string[]): string =>
  `SELECT range AS id, ${categoryOf('range')} AS cat, ${features.map((sql, column) => `${sql} AS f${column}`).join(', ')}, ` +
  `hash(range, -2) % 2 = 0 AS label FROM range`;

/** Continuous values: nothing to compress, nothing for a dictionary. */
const floats = (count: number): string =>
  table(Array.from({ length: count }, (_, column) => `(2 * ${uniform(column)} - 1)::FLOAT`));

/** As in a table of a business: flags, ratings, counts, prices, shares, sensors. */
const mixed = (count: number): string =>
  table(
    Array.from({ length: count }, (_, column) => {
      const u = uniform(column);
      return [
        `(${u} < 0.1)::INTEGER`,
        `(1 + floor(5 * ${u}))::INTEGER`,
        `floor(-3 * ln(1 - ${u}))::BIGINT`,
        `round(exp(3 * ${u} - 1), 2)`,
        `round(${u} * ${u}, 3)::FLOAT`,
        `round(4 * ${u} - 2, 1)::FLOAT`,
      ][column % 6];
    }),
  );

async function copy(
  { connection, path, rows }: { connection: DuckDBConnection; path: string; rows: number },
  sql: string,
  options: string,
  firstRow = 0,
): Promise<void> {
  await connection.run(`COPY (${sql}(${firstRow}, ${firstRow + rows})) TO ${quoteText(path)} ${options}`);
}

async function makeMany({ connection, path, rows }: Parameters<Dataset['make']>[0]): Promise<void> {
  mkdirSync(path);
  for (let firstRow = 0; firstRow < rows; firstRow += fileRows) {
    const file = join(path, `part-${String(firstRow / fileRows).padStart(6, '0')}.parquet`);
    const count = Math.min(fileRows, rows - firstRow);
    await copy({ connection, path: file, rows: count }, floats(30), parquet(), firstRow);
  }
}

/** DuckDB writes no Arrow. */
async function makeArrow({ connection, path, rows }: Parameters<Dataset['make']>[0]): Promise<void> {
  const batches: RecordBatch[] = [];
  for (let firstRow = 0; firstRow < rows; firstRow += arrowRows) {
    const end = Math.min(firstRow + arrowRows, rows);
    const reader = await connection.runAndReadAll(`${floats(30)}(${firstRow}, ${end})`);
    const { id, cat, label, ...features } = reader.getColumnsObjectJS();
    const batch = new Table({
      id: makeVector(BigInt64Array.from(id as bigint[])),
      cat: vectorFromArray(cat, new Utf8()),
      ...Object.fromEntries(
        Object.entries(features).map(([name, values]) => [name, makeVector(Float32Array.from(values as number[]))]),
      ),
      label: vectorFromArray(label, new Bool()),
    });
    batches.push(...batch.batches);
  }
  writeFileSync(path, tableToIPC(new Table(batches), 'file'));
}

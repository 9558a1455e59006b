// stats.parquet, run.parquet and columns.parquet: which fields of the statistics become columns of which type, under snake_case names.
// The compiler holds the lists complete: a field without a column, or a column without a field, does not compile.
import type { ColumnSummary } from '../stats/column-summary.ts';
import type { RunStats } from '../stats/run-stats.ts';
import type { SplitStats } from '../stats/split-stats.ts';
import { type Cell, type ColumnType, type TableColumn, writeTable } from './write-table.ts';

type Nullable<Type extends ColumnType> = `${Type}?`;
type TypeOf<Value> = Value extends boolean
  ? 'boolean'
  : null extends Value
    ? Nullable<Exclude<ColumnType, 'timestamp'>>
    : Exclude<ColumnType, 'boolean'>;
type Columns<Row> = { readonly [Field in keyof Row]: TypeOf<Row[Field]> };

const splitColumns: Columns<SplitStats> = {
  split: 'integer',
  shard: 'text',
  shards: 'integer',
  firstRow: 'integer',
  rows: 'integer',
  scored: 'integer',
  rejected: 'integer',
  filtered: 'integer',
  written: 'integer',
  part: 'text?',
  inputBytes: 'integer',
  outputBytes: 'integer',
  startedAt: 'timestamp',
  wallMs: 'double',
  openMs: 'double',
  readMs: 'double',
  bindMs: 'double',
  inferMs: 'double',
  writeMs: 'double',
  commitMs: 'double',
  rowsPerSecond: 'double?',
  batches: 'integer',
  batchP50Ms: 'double?',
  batchP95Ms: 'double?',
  batchP99Ms: 'double?',
  batchMaxMs: 'double?',
  peakMemoryBytes: 'integer',
  trace: 'text',
  worker: 'integer',
  attempt: 'integer',
  resumed: 'boolean',
  runId: 'text',
  replacedBy: 'text?',
};

const runColumns: Columns<RunStats> = {
  runId: 'text',
  job: 'text',
  verdict: 'text',
  jobFingerprint: 'text',
  modelSha256: 'text',
  inputFingerprint: 'text',
  startedAt: 'timestamp',
  finishedAt: 'timestamp',
  wallMs: 'double',
  preflightMs: 'double',
  scoringMs: 'double',
  publishMs: 'double',
  shards: 'integer',
  plannedSplits: 'integer',
  plannedRows: 'integer',
  splits: 'integer',
  resumedSplits: 'integer',
  resumedRows: 'integer',
  rows: 'integer',
  scored: 'integer',
  rejected: 'integer',
  filtered: 'integer',
  written: 'integer',
  inputBytes: 'integer',
  outputBytes: 'integer',
  rowsPerSecond: 'double?',
  scoringRowsPerSecond: 'double?',
  coreSeconds: 'double',
  rowsPerCoreSecond: 'double?',
  cpuSeconds: 'double?',
  openMs: 'double',
  readMs: 'double',
  bindMs: 'double',
  inferMs: 'double',
  writeMs: 'double',
  commitMs: 'double',
  batches: 'integer',
  batchP50Ms: 'double?',
  batchP95Ms: 'double?',
  batchP99Ms: 'double?',
  batchMaxMs: 'double?',
  batchLatency: 'text',
  peakMemoryBytes: 'integer',
  heldBackBy: 'text?',
  startUpShare: 'double',
  readingShare: 'double',
  modelShare: 'double',
  writingShare: 'double',
  betweenSplitsShare: 'double',
  idleShare: 'double',
  features: 'integer',
  resultColumns: 'integer',
  sampledRows: 'integer',
  workers: 'integer',
  threadsPerWorker: 'integer',
  batchRows: 'integer',
  engineRestarts: 'integer',
  scoremillVersion: 'text',
  nodeVersion: 'text',
  onnxruntimeVersion: 'text',
  duckdbVersion: 'text',
  cpuModel: 'text',
  usableCores: 'integer',
  usableMemoryBytes: 'integer',
};

const summaryColumns: Columns<ColumnSummary> = {
  role: 'text',
  tensor: 'text?',
  name: 'text',
  type: 'text',
  measure: 'text',
  isList: 'boolean',
  rows: 'integer',
  missing: 'integer',
  values: 'integer',
  infinite: 'integer',
  distinct: 'integer',
  isDistinctExact: 'boolean',
  mean: 'double?',
  deviation: 'double?',
  min: 'double?',
  p01: 'double?',
  p05: 'double?',
  p25: 'double?',
  p50: 'double?',
  p75: 'double?',
  p95: 'double?',
  p99: 'double?',
  max: 'double?',
  histogram: 'text',
  topValues: 'text',
  placeMeans: 'text',
  runId: 'text',
};

/** Writes stats.parquet: one row per split, in the order given. `metadata` goes into the footer. */
export function writeSplitStats(
  path: string,
  rows: Iterable<SplitStats>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<number> {
  return writeRecords(path, splitColumns, rows, metadata);
}

/** Writes run.parquet: the one row of a run. */
export function writeRunStats(
  path: string,
  run: RunStats,
  metadata: Readonly<Record<string, string>> = {},
): Promise<number> {
  return writeRecords(path, runColumns, [run], metadata);
}

/** Writes columns.parquet: one row per feature and result column. */
export function writeColumnSummaries(
  path: string,
  rows: Iterable<ColumnSummary>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<number> {
  return writeRecords(path, summaryColumns, rows, metadata);
}

/** A row as it is read, by column; times as DuckDB writes them in JSON. */
export type ReadRow = Readonly<Record<string, unknown>>;

/** What the tables read back; for what files of older versions have not stands what is there when there is nothing to tell. */
export const readSplitStats = (rows: readonly ReadRow[]): readonly SplitStats[] =>
  readRecords(rows, splitColumns, { trace: '[]' });
export const readRunStats = (rows: readonly ReadRow[]): readonly RunStats[] =>
  readRecords(rows, runColumns, { batchLatency: '[]', features: 0, resultColumns: 0, sampledRows: 0 });
export const readColumnSummaries = (rows: readonly ReadRow[]): readonly ColumnSummary[] =>
  readRecords(rows, summaryColumns, {});

function readRecords<Row>(rows: readonly ReadRow[], types: Columns<Row>, absent: Partial<Row>): readonly Row[] {
  const fields = Object.keys(types) as (keyof Row & string)[];
  const cellOf = (row: ReadRow, field: keyof Row & string): unknown => {
    const value = row[snakeCase(field)] ?? absent[field] ?? null;
    return types[field] === 'timestamp' && typeof value === 'string' ? isoOf(value) : value;
  };
  return rows.map((row) => Object.fromEntries(fields.map((field) => [field, cellOf(row, field)])) as Row);
}

/** `2026-01-31 03:00:05.25+00` -> `2026-01-31T03:00:05.250Z`. */
const isoOf = (text: string): string =>
  new Date(`${text.replace(' ', 'T').replace(/([+-]\d\d)$|Z$/, '')}Z`).toISOString();

function writeRecords<Row extends { readonly [Field in keyof Row]: Cell }>(
  path: string,
  types: Columns<Row>,
  records: Iterable<Row>,
  metadata: Readonly<Record<string, string>>,
): Promise<number> {
  const fields = Object.keys(types) as (keyof Row & string)[];
  const columns = fields.map((field): TableColumn => {
    const type: string = types[field];
    return { name: snakeCase(field), type: type.replace('?', '') as ColumnType, nullable: type.endsWith('?') };
  });
  function* rows(): Generator<Cell[]> {
    for (const record of records) yield fields.map((field) => record[field]);
  }
  return writeTable(path, { columns, rows: rows(), metadata });
}

/** `batchP50Ms` -> `batch_p50_ms`, `modelSha256` -> `model_sha256`. */
const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

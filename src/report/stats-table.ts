// stats.parquet and run.parquet: which fields of the statistics become columns of which type, under snake_case names.
// The compiler holds the lists complete: a field without a column, or a column without a field, does not compile.
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
  peakMemoryBytes: 'integer',
  heldBackBy: 'text?',
  startUpShare: 'double',
  readingShare: 'double',
  modelShare: 'double',
  writingShare: 'double',
  betweenSplitsShare: 'double',
  idleShare: 'double',
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

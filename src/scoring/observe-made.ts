// Columns that are made after scoring, by SQL or a module, are in the part alone: what the sample tells of them is read from
// there, a row out of so many.
import type { Connection } from '../core/duckdb.ts';
import { quoteName, quotePath } from '../core/sql.ts';
import type { ColumnSampler } from './column-sampler.ts';
import type { ScoringJob } from './scoring-job.ts';
import { summarisedColumns } from './summarised-columns.ts';

export async function observeMade(
  connection: Connection,
  partPath: string,
  { binding, sample }: ScoringJob,
  sampler: ColumnSampler,
): Promise<void> {
  const columns = summarisedColumns(binding).columns.filter(({ role, tensor }) => role === 'result' && tensor === null);
  if (columns.length === 0 || sample === null) return;
  const values = columns.map(({ name, measure }, place) => {
    const type = measure === 'value' ? 'DOUBLE' : 'VARCHAR';
    return `${quoteName(name)}::${type} AS c${place}`;
  });
  const rows = await connection.rows<Record<string, number | string | null>>(
    `SELECT ${values.join(', ')} FROM read_parquet(${quotePath(partPath)}, hive_partitioning = false, file_row_number = true)
     WHERE file_row_number % ${sample.everyPlaces * sample.everyRows} = 0`,
  );
  for (const row of rows) for (const place of columns.keys()) sampler.observeMade(place, row[`c${place}`]);
}

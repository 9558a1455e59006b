// Features that no output depends on are not read where nothing is lost by that: a zero stands in their place. A column whose values
// could have rejected a row is read like any other, so what is scored does not depend on it. The footers of Parquet files say so
// much of the values of a column; other formats are read whole anyway.
import { type Dtype, sqlTypeOfDtype } from '../core/dtype.ts';
import type { Connection } from '../core/duckdb.ts';
import { listed } from '../core/failures/failure-kind.ts';
import type { Shard } from '../core/split.ts';
import { quoteName, quotePaths, quoteText } from '../core/sql.ts';
import type { Model } from '../model/model-file.ts';
import { counted } from '../report/format-number.ts';
import type { BoundColumn, BoundInput } from '../scoring/binding.ts';
import { castsTo } from '../scoring/packing.ts';

export interface ReadInputs {
  readonly inputs: readonly BoundInput[];
  /** Which columns are not read, one sentence for each input. */
  readonly notices: readonly string[];
}

interface Request {
  readonly model: Pick<Model, 'unusedFeatures'>;
  readonly shards: readonly Pick<Shard, 'path' | 'format'>[];
  readonly connection: Connection;
}

/** With more files, to look at their footers once more takes longer than is saved. */
const mostShards = 64;
const mostNamed = 5;

/** The inputs with constants for columns that need not be read. */
export async function leaveUnread(inputs: readonly BoundInput[], request: Request): Promise<ReadInputs> {
  const { unusedFeatures } = request.model;
  const { shards } = request;
  const asTheyAre = { inputs, notices: [] };
  if (shards.length > mostShards || shards.some(({ format }) => format !== 'parquet')) return asTheyAre;
  const candidates = inputs.map((input) => candidatesOf(input, unusedFeatures[input.name] ?? []));
  const names = [...new Set(candidates.flat().map(({ label }) => label))];
  if (names.length === 0) return asTheyAre;
  const ranges = await rangesOf(names, request);
  const notices: string[] = [];
  const left = inputs.map((input, index) => {
    const unread = candidates[index].filter((column) => isHarmless(column, input, ranges.get(column.label)));
    if (unread.length === 0) return input;
    const labels = unread.map(({ label }) => label);
    notices.push(
      `not read: ${counted(labels.length, 'column')} that no tree of the model splits on (${listed(labels, mostNamed)})`,
    );
    return { ...input, columns: input.columns.map((one) => (unread.includes(one) ? constant(one, input.dtype) : one)) };
  });
  return { inputs: left, notices };
}

/** Columns of the file as they are, in the places that no output depends on. */
function candidatesOf({ columns, isList }: BoundInput, places: readonly number[]): readonly BoundColumn[] {
  if (isList) return [];
  return places.flatMap((place) => columns[place] ?? []).filter(({ label, sql }) => sql === quoteName(label));
}

const constant = ({ label }: BoundColumn, dtype: Dtype): BoundColumn => ({
  label,
  sql: `CAST(0 AS ${sqlTypeOfDtype[dtype]})`,
  type: sqlTypeOfDtype[dtype],
  isUnread: true,
});

/** What the footers of all shards say of a column. */
interface Range {
  readonly hasNulls: boolean;
  /** null when they do not say, or there is no value. */
  readonly least: number | null;
  readonly most: number | null;
}

async function rangesOf(
  names: readonly string[],
  { shards, connection }: Request,
): Promise<ReadonlyMap<string, Range>> {
  const rows = await connection.rows<Range & { readonly name: string }>(`
    WITH chunk AS (
      SELECT path_in_schema AS name, stats_null_count AS nulls,
        TRY_CAST(coalesce(stats_min_value, stats_min) AS DOUBLE) AS least,
        TRY_CAST(coalesce(stats_max_value, stats_max) AS DOUBLE) AS most
      FROM parquet_metadata(${quotePaths(shards.map(({ path }) => path))})
      WHERE row_group_num_rows > 0 AND path_in_schema IN (${names.map(quoteText).join(', ')})
    )
    SELECT name, NOT coalesce(bool_and(coalesce(nulls = 0, false)), false) AS "hasNulls",
      CASE WHEN bool_and(least IS NOT NULL) THEN min(least) END AS least,
      CASE WHEN bool_and(most IS NOT NULL) THEN max(most) END AS most
    FROM chunk GROUP BY name`);
  return new Map(rows.map((row) => [row.name, row]));
}

const largestFloat = 2 ** 128 - 2 ** 103;

/** Whether no value of the column can reject a row. */
function isHarmless({ type }: BoundColumn, { dtype, nulls }: BoundInput, range: Range | undefined): boolean {
  const casts = castsTo[dtype];
  if (range === undefined || casts === undefined || (range.hasNulls && nulls === 'reject')) return false;
  const isNarrowed = type === 'DOUBLE' && dtype === 'float32';
  if (casts.exact.includes(type) && !isNarrowed) return true;
  const { least, most } = range;
  if (least === null || most === null) return false;
  const largest = Math.max(Math.abs(least), Math.abs(most));
  return isNarrowed ? largest <= largestFloat : casts.checked.includes(type) && largest < casts.exactBelow;
}

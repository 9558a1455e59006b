// What OpenLineage is told of the values of columns, from the summaries of a run. The standard has no word for a sample or an
// estimate: what would pass for more than it is stays out, and `count` says how many rows the other figures are of.
import type { ColumnFigures } from '../stats/column-summary.ts';

/** In the words of the facet `dataQualityMetrics`. */
export interface ColumnMetrics {
  /** Rows in which the column was looked at. */
  readonly count: number;
  /** Nulls and, among numbers, NaN. */
  readonly nullCount?: number;
  readonly distinctCount?: number;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  readonly quantiles?: Readonly<Record<string, number>>;
}

export interface DatasetMetrics {
  /** Rows that the metrics are of: of the column that was looked at in most. */
  readonly rows: number;
  readonly columns: Readonly<Record<string, ColumnMetrics>>;
}

/** Null when no column was looked at. `datasetRows`: how many rows there are. */
export function datasetMetrics(columns: readonly ColumnFigures[], datasetRows: number): DatasetMetrics | null {
  if (columns.length === 0) return null;
  return {
    rows: columns.reduce((most, { rows }) => Math.max(most, rows), 0),
    columns: Object.fromEntries(columns.map((column) => [column.name, metricsOf(column, datasetRows)])),
  };
}

/** Of a list only the rows are known: its values are looked at in part, and a missing one is not a row without a list. */
function metricsOf(column: ColumnFigures, datasetRows: number): ColumnMetrics {
  const { rows, missing, isList, measure, distinct, isDistinctExact } = column;
  if (isList) return { count: rows };
  return {
    count: rows,
    nullCount: missing,
    // Of encoded images only the sizes are known.
    ...(isDistinctExact && measure !== 'bytes' && column.infinite === 0 ? { distinctCount: distinct } : {}),
    ...(measure === 'value' ? numbersOf(column, rows === datasetRows) : {}),
  };
}

/** The figures of a column are those of its finite numbers: where there are others, they are not those of the column. */
function numbersOf(column: ColumnFigures, isWhole: boolean): Partial<ColumnMetrics> {
  const { infinite, values, mean, min, max, p01, p05, p25, p50, p75, p95, p99 } = column;
  if (infinite > 0 || mean === null || min === null || max === null) return {};
  const quantiles = { '0.01': p01, '0.05': p05, '0.25': p25, '0.5': p50, '0.75': p75, '0.95': p95, '0.99': p99 };
  // The sum of whole numbers is one; a product of fractions ends a little off.
  const sum = /int/i.test(column.type) ? Math.round(mean * values) : mean * values;
  return {
    ...(isWhole && Number.isFinite(sum) ? { sum } : {}),
    min,
    max,
    quantiles: Object.fromEntries(
      Object.entries(quantiles).filter((entry): entry is [string, number] => entry[1] !== null),
    ),
  };
}

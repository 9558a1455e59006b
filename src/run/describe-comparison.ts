// How two parts differ, in words: first where, then how far apart, so that noise in the last bit and wrong rows look different.
import type { ColumnDifference, PartComparison } from '../engine/questions.ts';

const mostColumns = 5;

/** One sentence for each difference; none when every value is the same. */
export function describeComparison(
  part: string,
  { expectedRows, foundRows, columns, differences }: PartComparison,
): readonly string[] {
  const shown = differences.slice(0, mostColumns).map((difference) => `${part}: ${differenceText(difference)}`);
  return [
    ...columns.map((column) => `${part}: scored again, it has other columns: ${column}`),
    ...(expectedRows === foundRows ? [] : [`${part}: it has ${expectedRows} rows, and ${foundRows} when scored again`]),
    ...shown,
    ...(differences.length > mostColumns ? [`${part}: ${differences.length - mostColumns} more columns differ`] : []),
  ];
}

function differenceText({ column, rows, firstRow, expected, found, largest }: ColumnDifference): string {
  const count = rows === 1 ? '1 row' : `${rows} rows`;
  const distance = largest === null ? '' : `, at most ${largest} apart`;
  return `column "${column}" differs in ${count}${distance}; the first is row ${firstRow} (from 0): ${expected ?? 'null'} in the file, ${found ?? 'null'} when scored again`;
}

// Which columns the values of a row become: one for each, some of them, or one of lists.
import { sqlTypeOfDtype } from '../core/dtype.ts';
import { listed } from '../core/failures/failure-kind.ts';
import type { OutputSpec } from '../job/output-schema.ts';
import type { ResultColumn } from '../scoring/binding.ts';
import { type OutputRow, valuesOf } from './output-row.ts';

export interface ColumnsRequest {
  /** What the columns call the values. */
  readonly output: string;
  readonly row: OutputRow;
  /** The name of the column when there is one, and what comes before the labels when there is one for each. */
  readonly name: string;
  readonly spec: Pick<OutputSpec, 'as' | 'columns' | 'pick'>;
  /** Labels of the values, and whose they are. */
  readonly labels: { readonly names: readonly string[]; readonly isGiven: boolean; readonly isWide: boolean } | null;
  /** Whether one value is a list of one. */
  readonly isList?: boolean;
}

/** The columns in order, or what is wrong with them. */
export function resultColumns(request: ColumnsRequest): readonly ResultColumn[] | string {
  const { output, row, name, spec, labels, isList = false } = request;
  const { dtype, rowShape } = row;
  const values = valuesOf(row);
  const single = (column: string, index: number): ResultColumn => ({
    name: column,
    output,
    dtype,
    index,
    rowShape,
    type: sqlTypeOfDtype[dtype],
  });
  if (spec.columns !== undefined) {
    if (values === null || spec.columns.length === values) return spec.columns.map(single);
    const classes = labels === null ? '' : ` (${listed(labels.names)})`;
    return `${spec.columns.length} column names are given and a row has ${values} values${classes}; give one name for each, or pick some (pick: { NAME: INDEX })`;
  }
  if (spec.pick !== undefined) return pickedColumns(spec.pick, request, single);
  if (labels !== null && !labels.isWide && spec.as === undefined && rowShape.length <= 1) {
    const { names, isGiven } = labels;
    if (values === null || names.length === values) return names.map((label, i) => single(`${name}_${label}`, i));
    const whose = isGiven
      ? `${names.length} labels are given (${listed(names)})`
      : `the model names ${names.length} classes (${listed(names)})`;
    return `${whose} and a row has ${values} values; name the columns in the job file (columns: [...])`;
  }
  const isSingle = !isList && rowShape.length <= 1 && rowShape.every((size) => size === 1);
  const column = spec.as ?? name;
  if (isSingle) return [single(column, 0)];
  return [{ name: column, output, dtype, index: null, rowShape, type: listType(dtype, rowShape) }];
}

function pickedColumns(
  pick: Readonly<Record<string, number | string>>,
  { row, labels }: ColumnsRequest,
  single: (column: string, index: number) => ResultColumn,
): readonly ResultColumn[] | string {
  const values = valuesOf(row);
  const columns: ResultColumn[] = [];
  for (const [column, place] of Object.entries(pick)) {
    const index = typeof place === 'number' ? place : (labels?.names ?? []).indexOf(place);
    if (index === -1) {
      const known = labels === null ? 'none are known' : listed(labels.names);
      return `no class label "${place}" (labels: ${known}); pick one of these, or an index from 0`;
    }
    if (values !== null && index >= values)
      return `there is no value ${index}: a row has ${values}, counted from 0; pick one of them`;
    columns.push(single(column, index));
  }
  return columns;
}

/** DuckDB's largest fixed-size list. */
const mostArraySize = 100_000;

const listType = (dtype: OutputRow['dtype'], rowShape: OutputRow['rowShape']): string =>
  sqlTypeOfDtype[dtype] +
  [...rowShape]
    .reverse()
    .map((size) => (size === null || size === 0 || size > mostArraySize ? '[]' : `[${size}]`))
    .join('');

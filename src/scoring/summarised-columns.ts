// The columns that are summarised, in one order for workers and supervisor: what feeds the model, then what comes of it. Those
// that SQL or a module of the user makes after scoring have no tensor.
import type { SummarisedColumn } from '../stats/column-summary.ts';
import { type Binding, type BoundColumn, resultsWith } from './binding.ts';

/** Wide jobs are summarised in part: a page of more columns is read by nobody. */
const mostFeatures = 400;
const mostResults = 200;

/** Of a column that is not read nothing is known. */
export const isRead = ({ isUnread = false }: BoundColumn): boolean => !isUnread;

export interface ColumnChoice {
  readonly columns: readonly SummarisedColumn[];
  /** How many there are, summarised or not. */
  readonly features: number;
  readonly results: number;
}

export function summarisedColumns(
  binding: Pick<Binding, 'inputs' | 'preparations' | 'results' | 'after' | 'computed'>,
): ColumnChoice {
  const features = [
    ...binding.inputs.flatMap(({ name, dtype, columns, isList }) =>
      columns.filter(isRead).map(
        ({ label }): SummarisedColumn => ({
          role: 'feature',
          tensor: name,
          name: label,
          type: dtype,
          measure: dtype === 'string' ? 'letters' : 'value',
          isList,
        }),
      ),
    ),
    ...binding.preparations.flatMap(({ inputs, columns }) =>
      columns.map(
        ({ label, type }): SummarisedColumn => ({
          role: 'feature',
          tensor: inputs[0]?.name ?? null,
          name: label,
          type,
          measure: type === 'BLOB' ? 'bytes' : 'letters',
          isList: false,
        }),
      ),
    ),
  ];
  const ofModel = new Map(binding.results.map((column) => [column.name, column]));
  const made = new Set(binding.after?.columns.map(({ name }) => name));
  const results = [...resultsWith(binding.results, binding.after), ...binding.computed].map(
    ({ name, type }): SummarisedColumn => {
      const result = made.has(name) ? undefined : ofModel.get(name);
      if (result === undefined)
        return { role: 'result', tensor: null, name, type, measure: measureOf(type), isList: false };
      const { output, dtype, index } = result;
      const measure = dtype === 'string' ? 'letters' : 'value';
      return { role: 'result', tensor: output, name, type: dtype, measure, isList: index === null };
    },
  );
  return {
    columns: [...features.slice(0, mostFeatures), ...results.slice(0, mostResults)],
    features: features.length,
    results: results.length,
  };
}

/** Numbers and truth values as they are; all else by its text. */
const measureOf = (type: string): SummarisedColumn['measure'] =>
  /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*|BOOLEAN)$/.test(type) ? 'value' : 'letters';

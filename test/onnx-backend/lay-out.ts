// How the tensors of a case become rows of a dataset: whole tensors as the values of one row, or, where every input leaves its
// first axis open, one row for each place of that axis. Short inputs beside the first become constants of the job.

import type { TensorData } from '../../src/model/session.ts';
import type { ModelInput, Signature } from '../../src/model/signature.ts';
import type { TensorColumn } from './arrow-shard.ts';
import { plainValues } from './compare-tensors.ts';

export interface Rows {
  readonly rows: number;
  /** Whether an axis of the tensors counts the rows. */
  readonly isByRow: boolean;
  readonly columns: readonly TensorColumn[];
  /** The `inputs` of the job. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** The rows, or null where no row can hold the tensors: axes without elements, shapes that are not declared. */
export function layOut({ inputs }: Signature, feeds: Readonly<Record<string, TensorData>>): Rows | null {
  const fed = inputs.filter(({ name }) => feeds[name] !== undefined);
  if (fed.some(({ name, shape }) => shape.length !== feeds[name].dims.length)) return null;
  const first = feeds[fed[0].name].dims[0];
  const isByRow = fed.every(({ name, shape }) => isOpen(shape) && feeds[name].dims[0] === first);
  if (!isByRow && fed.some(({ name, shape }) => isOpen(shape) && feeds[name].dims[0] !== 1)) return null;
  const columns: TensorColumn[] = [];
  const bound: Record<string, unknown> = {};
  for (const [index, { name, shape }] of fed.entries()) {
    const tensor = feeds[name];
    const { dims } = tensor;
    if (index > 0 && !isByRow && canBeConstant(tensor)) {
      bound[name] = { value: constantOf(tensor) };
      continue;
    }
    if (dims.includes(0)) return null;
    const hasRowAxis = isByRow || isOpen(shape) || shape[0] === 1;
    const column = `c${index}`;
    const lists = index % 2 === 0 ? 'any size' : 'fixed size';
    columns.push({ name: column, tensor, rowShape: hasRowAxis ? dims.slice(1) : dims, lists });
    bound[name] = column;
  }
  return { rows: isByRow ? first : 1, isByRow, columns, inputs: bound };
}

const isOpen = (shape: ModelInput['shape']): boolean => shape.length > 0 && typeof shape[0] !== 'number';

const canBeConstant = ({ dtype, dims, data }: TensorData): boolean =>
  dims.length <= 1 &&
  dtype !== 'float16' &&
  Array.from<unknown>(data).every((value) => typeof value !== 'number' || Number.isFinite(value));

/** As a job file has it: integers of 64 bits as text, since YAML's numbers lose digits. */
const constantOf = (tensor: TensorData): readonly unknown[] =>
  plainValues(tensor).map((value) => (typeof value === 'bigint' ? String(value) : value));

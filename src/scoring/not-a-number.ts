// What stands for a null in a tensor of floats, where the job says that nulls become NaN.
import { isFloat } from '../core/dtype.ts';
import type { BoundInput } from './binding.ts';

/** NaN as it is stored in the input's array, or null where a null makes its row a reject. */
export function notANumber({ dtype, nulls }: Pick<BoundInput, 'dtype' | 'nulls'>): number | null {
  if (nulls !== 'nan' || !isFloat(dtype)) return null;
  return dtype === 'float16' ? 0x7e00 : Number.NaN;
}

// Whether a value of the job file is one that a tensor of a dtype can hold exactly.
import { type Dtype, isFloat } from '../core/dtype.ts';
import { arrayFor, convertDigits, convertValues, misfitOfText } from '../scoring/convert-values.ts';

/** What is wrong with a value for a dtype, or null. Whole numbers beyond 2^53 are given as text, since YAML's numbers lose them. */
export function misfitOf(dtype: Dtype, value: number | string | boolean): string | null {
  const shown = JSON.stringify(value);
  if (dtype === 'string') return typeof value === 'string' ? misfitOfText(value) : `${shown} is no text`;
  const target = arrayFor(dtype, 1);
  const placement = { from: 0, count: 1, to: 0, stride: 1 };
  let problem: string | null = null;
  const misfit = (_: number, message: string): void => {
    problem = message;
  };
  if (typeof value === 'string') {
    if (isFloat(dtype) || !/^-?\d+$/.test(value)) return `${shown} is no ${isFloat(dtype) ? 'number' : 'integer'}`;
    convertDigits([value], dtype, target, placement, misfit);
    return problem;
  }
  if (!isFloat(dtype) && Number.isInteger(value) && !Number.isSafeInteger(value))
    return `${shown} has lost digits: give it in quotes`;
  convertValues(new Float64Array([Number(value)]), 'DOUBLE', dtype, target, placement, null, misfit);
  return problem;
}

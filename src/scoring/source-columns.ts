// What is read of the source, where the job's transform makes some of the columns that are wanted.
import type { ReadColumn } from '../source/source.ts';
import type { TransformPlan } from '../transform/transform-plan.ts';
import type { WantedColumn } from './binding.ts';

/** The columns to read of the source so that these are wanted after the transform. */
export function sourceColumns(wanted: readonly WantedColumn[], transform: TransformPlan | null): readonly ReadColumn[] {
  if (transform === null) return wanted;
  const made = new Set(transform.columns.map(({ name }) => name));
  const own = wanted.filter(({ name }) => !made.has(name));
  const known = new Set(own.map(({ name }) => name));
  return [...own, ...transform.reads.filter(({ name }) => !known.has(name))];
}

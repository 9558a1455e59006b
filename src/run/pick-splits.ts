// Which splits stand for a result: at random, but the same ones for the same run, so that a finding can be looked at again.
import type { Manifest } from '../commit/manifest.ts';
import { sha256OfText } from '../core/hash.ts';

type Part = Pick<Manifest['parts'][number], 'split' | 'pieces'>;

const inputRows = ({ pieces }: Part): number =>
  pieces.reduce((sum, { startRow, endRow }) => sum + endRow - startRow, 0);

/** Splits with at least `rows` input rows together, or all that have any; in input order. */
export function pickSplits<P extends Part>(parts: readonly P[], runId: string, rows: number): readonly P[] {
  const candidates = parts
    .filter((part) => inputRows(part) > 0)
    .map((part) => ({ part, order: sha256OfText(`${runId} ${part.split}`) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1));
  const picked: P[] = [];
  let covered = 0;
  for (const { part } of candidates) {
    if (covered >= rows) break;
    picked.push(part);
    covered += inputRows(part);
  }
  return picked.sort((a, b) => a.split - b.split);
}

/** Input rows of all these splits. */
export const inputRowsOf = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + inputRows(part), 0);

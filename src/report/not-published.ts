// Why a run published nothing, how far it came, and what to do next, in the words that the summary and the page have in common.
import type { RunStats } from '../stats/run-stats.ts';
import { counted, formatNumber } from './format-number.ts';

export type NotPublishedVerdict = Exclude<RunStats['verdict'], 'complete' | 'already-complete'>;

export interface NotPublished {
  readonly what: string;
  readonly kept: string;
  readonly next: string;
}

export function notPublished(verdict: NotPublishedVerdict, stats: RunStats, budgetRows: number): NotPublished {
  const kept = `${formatNumber(stats.splits)} of ${counted(stats.plannedSplits, 'split')} finished and kept`;
  switch (verdict) {
    case 'over-budget':
      return {
        what: `not published: ${counted(stats.rejected, 'reject')}, and the budget admits ${formatNumber(budgetRows)}`,
        kept,
        next: 'Raise --budget and run the same command: it goes on from here; or mend the data and start over with --fresh',
      };
    case 'interrupted':
      return { what: 'interrupted', kept: `${kept}, nothing published`, next: 'The same command goes on from here' };
    case 'failed':
      return {
        what: 'failed',
        kept: `${kept}, nothing published`,
        next: 'With the cause above mended, the same command goes on from here',
      };
  }
}

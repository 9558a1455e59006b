// What a person is told of a dataset that grew: which shards are scored, and which are not there any more.
import { counted, formatNumber } from '../report/format-number.ts';
import { type ShardComparison, shardStates } from './compare-shards.ts';

const meanings = {
  new: 'new',
  changed: 'changed since they were scored',
  again: 'unchanged, in a part with one that changed',
  done: 'scored before',
} as const;

export function comparisonNotices({ states, gone, replaced }: ShardComparison): readonly string[] {
  const counts = shardStates
    .map((state) => [meanings[state], states.filter((one) => one === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([meaning, count]) => `${formatNumber(count)} ${meaning}`);
  return [
    `of ${counted(states.length, 'shard')}: ${counts.join('; ')}`,
    ...(replaced.length === 0 ? [] : [`${counted(replaced.length, 'part')} will be replaced`]),
    ...goneNotices(gone),
  ];
}

/** Rows of what is gone stay, since retention of inputs is no reason to lose results. */
export const goneNotices = (gone: readonly string[]): readonly string[] =>
  gone.length === 0
    ? []
    : [
        `${counted(gone.length, 'shard')} of the result ${gone.length === 1 ? 'is' : 'are'} gone from the dataset, and the rows are kept: ${gone.slice(0, 3).join(', ')}${gone.length > 3 ? ', ...' : ''}`,
      ];

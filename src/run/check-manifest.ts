// Whether a manifest agrees with itself: its counts add up, and its parts cover every row of every shard once and in order.
import type { Manifest } from '../commit/manifest.ts';
import { formatNumber } from '../report/format-number.ts';
import type { Check } from './check.ts';
import { measures } from './counts-of-splits.ts';

export function checkManifest({ runId, job, counts, parts, dataset, runs }: Manifest): Check {
  const { rows, scored, rejected, filtered, written } = counts;
  const problems: string[] = [];
  const mustBe = (what: string, found: number, expected: number, why: string): void => {
    if (found !== expected) problems.push(`${what} is ${found} and must be ${expected}: ${why}`);
  };
  mustBe('counts.rows', rows, scored + rejected + filtered, 'scored + rejected + filtered');
  mustBe('counts.parts', counts.parts, parts.length, 'the parts listed');
  mustBe('counts.splits', counts.splits, parts.length, 'one part for each split');
  mustBe('counts.written', written, sum(parts.map((part) => part.rows)), 'the rows of all parts');
  const where = (job.definition.output as { readonly where?: string } | undefined)?.where;
  if (where === undefined) mustBe('counts.written', written, scored, 'the job writes every scored row');
  if (written > scored) problems.push(`counts.written is ${written}, and only ${scored} rows were scored`);
  const { shards } = dataset;
  const covers = dataset.covers ?? shards.map((shard) => ({ startRow: 0, endRow: shard.rows }));
  const ofCovers = dataset.covers === undefined ? 'the rows of all shards' : 'the rows of the slice';
  mustBe('counts.rows', rows, sum(covers.map(({ startRow, endRow }) => endRow - startRow)), ofCovers);
  for (const [shard, { path, rows: all }] of shards.entries())
    if ((covers[shard]?.endRow ?? 0) > all)
      problems.push(`the slice ends at row ${covers[shard].endRow} of ${path}, which has ${all} rows`);
  for (const run of runs)
    mustBe(
      `rows of run ${run.runId}`,
      run.rows,
      run.scored + run.rejected + run.filtered,
      'scored + rejected + filtered',
    );
  if (runs.length === 1)
    for (const name of measures)
      mustBe(`${name} of run ${runId}`, runs[0][name], counts[name], 'no other run made any of the result');
  if (runs.at(-1)?.runId !== runId)
    problems.push(`the last of its runs is ${runs.at(-1)?.runId}, and it says ${runId}`);
  const known = new Set(runs.map((run) => run.runId));
  if (known.size !== runs.length) problems.push('it lists a run twice');
  for (const { name, run } of parts)
    if (!known.has(run)) problems.push(`${name} is of run ${run}, which is not among its runs`);
  for (const [index, { name, split, rows: partRows, pieces }] of parts.entries()) {
    if (split !== index) problems.push(`${name} is number ${index} in the list and belongs to split ${split}`);
    const inputRows = sum(pieces.map(({ startRow, endRow }) => endRow - startRow));
    if (partRows > inputRows) problems.push(`${name} has ${partRows} rows from ${inputRows} rows of input`);
  }
  problems.push(...uncovered(parts, shards, covers));
  const terms = [`${formatNumber(scored)} scored`, `${formatNumber(rejected)} rejected`];
  if (filtered > 0) terms.push(`${formatNumber(filtered)} left out by the filter`);
  return {
    name: 'manifest',
    wasMade: true,
    text: `${runs.length === 1 ? `run ${runId}` : `${runs.length} runs, the last ${runId},`} of job ${job.name}: ${formatNumber(rows)} rows in = ${terms.join(' + ')}${where === undefined ? '' : `; ${formatNumber(written)} written, as output.where says`}`,
    problems,
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

type Shards = Manifest['dataset']['shards'];
type Covers = NonNullable<Manifest['dataset']['covers']>;

/** Rows of shards that no piece covers, or that more than one does. */
function uncovered(parts: Manifest['parts'], shards: Shards, covers: Covers): readonly string[] {
  const problems: string[] = [];
  const reached = shards.map((_, shard) => covers[shard]?.startRow ?? 0);
  for (const { name, pieces } of parts) {
    for (const { shard, startRow, endRow } of pieces) {
      if (shards[shard] === undefined)
        problems.push(`${name} is of shard number ${shard}, and there are ${shards.length}`);
      else if (startRow !== reached[shard]) {
        problems.push(
          `${name} begins at row ${startRow} of ${shards[shard].path}, and the parts before it end at row ${reached[shard]}`,
        );
      }
      reached[shard] = endRow;
    }
  }
  for (const [shard, { path, rows }] of shards.entries()) {
    const endRow = covers[shard]?.endRow ?? 0;
    if (reached[shard] === endRow) continue;
    const has = endRow === rows ? `which has ${rows} rows` : `of which the slice has those before row ${endRow}`;
    problems.push(`the parts end at row ${reached[shard]} of ${path}, ${has}`);
  }
  return problems;
}

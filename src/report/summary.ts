// What a person reads when a run ends: at most ten lines, the verdict first, then figures, then what to do next.
import type { RunStats } from '../stats/run-stats.ts';
import type { HeldBackBy } from '../stats/time-shares.ts';
import { formatDuration } from './format-duration.ts';
import { counted, formatBytes, formatNumber, formatShare } from './format-number.ts';
import { notPublished } from './not-published.ts';

/** A reject as it is shown: `row` counts from 0 within the shard. */
export interface ShownReject {
  readonly shard: string;
  readonly row: number;
  readonly column: string | null;
  readonly message: string;
}

export interface Summary {
  readonly stats: RunStats;
  readonly outputPath: string;
  /** Parts in the output folder, or staged where nothing was published. */
  readonly parts: number;
  readonly firstRejects: readonly ShownReject[];
  /** Where all rejects stand; null when there are none, or they are not written yet. */
  readonly rejectsPath: string | null;
  /** The page for people; null when there is none. */
  readonly reportPath: string | null;
  /** The most rejects that the job admits. */
  readonly budgetRows: number;
  /** What the output folder holds now, where earlier runs made some of it; null: this run made all. */
  readonly total?: {
    readonly rows: number;
    readonly written: number;
    readonly parts: number;
    readonly runs: number;
  } | null;
}

/** Lines without line ends, for verdicts other than `already-complete`. */
export function summaryLines(summary: Summary): string[] {
  const { stats } = summary;
  const lines = [verdictText(summary), field('rows', rowsText(stats))];
  if (summary.total) {
    const { written, parts, rows, runs } = summary.total;
    const what = `${counted(written, 'scored row')} of ${counted(rows, 'row')} in ${counted(parts, 'part')}`;
    lines.push(field('total', `${what}, from ${counted(runs, 'run')}`));
  }
  if (stats.resumedSplits > 0) {
    const splits = `${formatNumber(stats.resumedSplits)} of ${counted(stats.splits, 'split')}`;
    lines.push(field('resumed', `${splits} (${counted(stats.resumedRows, 'row')}) came from an earlier execution`));
  }
  if (stats.splits > stats.resumedSplits) {
    lines.push(field('time', timeText(stats)), field('speed', speedText(stats)), field('went to', sharesText(stats)));
    if (stats.heldBackBy !== null) lines.push(field('limit', limitText(stats.heldBackBy, stats)));
  }
  if (summary.reportPath !== null) lines.push(field('report', summary.reportPath));
  return [...lines, ...rejectLines(summary, 10 - lines.length)];
}

export interface CompleteOutput {
  readonly outputPath: string;
  readonly runId: string;
  /** Milliseconds since 1970. */
  readonly finishedMs: number;
  /** Runs that made it; more than one where the dataset grows. */
  readonly runs: number;
  /** Of a dataset that grows, and has no new ones; null: of another. */
  readonly shards: number | null;
  readonly parts: number;
  readonly rows: number;
  readonly scored: number;
  readonly rejected: number;
  readonly filtered: number;
  readonly written: number;
}

/** For an output that was finished before: nothing was done. */
export function alreadyCompleteLines(output: CompleteOutput): string[] {
  const shards =
    output.shards === null
      ? []
      : [field('shards', `${counted(output.shards, 'shard')}, all scored before: nothing is new or changed`)];
  return [
    `already complete: ${output.outputPath} holds ${counted(output.written, 'scored row')} in ${counted(output.parts, 'part')}; nothing was done`,
    field('rows', rowsText(output)),
    ...shards,
    field(
      'run',
      `${output.runs > 1 ? `the last of ${output.runs} was ` : ''}${output.runId}, finished ${new Date(output.finishedMs).toISOString()}`,
    ),
    field('next', 'to score again: --if-exists replace, or another --output'),
  ];
}

function verdictText({ stats, outputPath, parts, budgetRows }: Summary): string {
  const { verdict } = stats;
  if (verdict === 'complete' || verdict === 'already-complete')
    return `complete: ${scoredText(stats)} into ${outputPath} (${counted(parts, 'part')}, ${formatBytes(stats.outputBytes)})`;
  const { what, kept, next } = notPublished(verdict, stats, budgetRows);
  return `${what}${verdict === 'over-budget' ? ';' : ':'} ${kept}. ${next}`;
}

const scoredText = ({ scored, written }: RunStats): string =>
  written === scored
    ? `${counted(scored, 'row')} scored`
    : `${formatNumber(written)} of ${counted(scored, 'scored row')} written`;

function rowsText(
  counts: Pick<RunStats, 'rows' | 'scored' | 'rejected' | 'filtered' | 'written'> & { plannedRows?: number },
): string {
  const { rows, scored, rejected, filtered, written, plannedRows = rows } = counts;
  const terms = [`${formatNumber(scored)} scored`, `${formatNumber(rejected)} rejected`];
  if (filtered > 0) terms.push(`${formatNumber(filtered)} left out by the filter`);
  if (plannedRows > rows) terms.push(`${formatNumber(plannedRows - rows)} not reached`);
  const heldBack = scored - written;
  const held =
    heldBack === 0 ? '' : `; ${formatNumber(written)} written, ${formatNumber(heldBack)} held back by output.where`;
  return `${formatNumber(plannedRows)} in = ${terms.join(' + ')}${held}`;
}

function timeText(stats: RunStats): string {
  const phases = [
    `preflight ${formatDuration(stats.preflightMs)}`,
    `scoring ${formatDuration(stats.scoringMs)}`,
    `publishing ${formatDuration(stats.publishMs)}`,
  ];
  return `${formatDuration(stats.wallMs)}: ${phases.join(', ')}`;
}

function speedText(stats: RunStats): string {
  if (stats.rowsPerSecond === null || stats.rowsPerCoreSecond === null) return 'nothing to measure';
  const scoring =
    stats.scoringRowsPerSecond === null ? '' : ` (${formatNumber(stats.scoringRowsPerSecond)} while scoring)`;
  const cores = `${formatNumber(stats.rowsPerCoreSecond)} per core-second`;
  const means = `${counted(stats.workers, 'worker')} x ${counted(stats.threadsPerWorker, 'thread')}`;
  return `${formatNumber(stats.rowsPerSecond)} rows/s${scoring}, ${cores}; ${means}, batches of ${formatNumber(stats.batchRows)}`;
}

function sharesText(stats: RunStats): string {
  const shares: readonly (readonly [string, number])[] = [
    ['model', stats.modelShare],
    ['reading', stats.readingShare],
    ['writing', stats.writingShare],
    ['start-up', stats.startUpShare],
    ['between splits', stats.betweenSplitsShare],
    ['idle workers', stats.idleShare],
  ];
  return [...shares]
    .filter(([, share]) => share > 0)
    .sort((one, other) => other[1] - one[1])
    .map(([name, share]) => `${name} ${formatShare(share)}`)
    .join(', ');
}

function limitText(heldBackBy: HeldBackBy, stats: RunStats): string {
  const allCores = stats.workers * stats.threadsPerWorker >= stats.usableCores;
  const moreWorkers = allCores
    ? 'a machine with more cores will help'
    : `more workers will help (${counted(stats.usableCores, 'core')} here)`;
  switch (heldBackBy) {
    case 'model':
      return `the model: ${moreWorkers}, as will a smaller or quantized model; faster disks will not`;
    case 'reading':
      return `reading: ${moreWorkers}, as will Parquet instead of text and fewer kept columns (--keep); a faster model will not`;
    case 'writing':
      return 'writing: fewer kept columns (--keep), --compression snappy or a faster disk will help; a faster model will not';
    case 'start-up':
      return 'start-up: preflight and loading the model took longest; more rows in one run will spread it';
    case 'too-few-splits':
      return `too few splits for ${counted(stats.workers, 'worker')}: fewer workers do as well; a smaller output.rowsPerFile, or input of more files or row groups, makes more splits`;
    case 'retries':
      return stats.engineRestarts > 0
        ? `splits that were scored again: the engine process ended ${counted(stats.engineRestarts, 'time')}; the warnings above say why`
        : 'time between splits: attempts that failed and ran again, or splits too small; the warnings above say which';
  }
}

function rejectLines({ stats, firstRejects, rejectsPath }: Summary, room: number): string[] {
  if (stats.rejected === 0) return [];
  const where = rejectsPath === null ? 'the first are' : `all with their reasons in ${rejectsPath}; rows count from 0`;
  const shown = firstRejects.slice(0, Math.min(3, room - 1));
  return [
    field('rejects', `${counted(stats.rejected, 'row')}, ${where}`),
    ...shown.map(({ shard, row, column, message }) =>
      field('', `${shard} row ${row}${column === null ? '' : `, column ${column}`}: ${shortened(message)}`),
    ),
  ];
}

const field = (name: string, text: string): string => `  ${name.padEnd(8)} ${text}`;

/** One line of at most 160 letters. */
function shortened(text: string): string {
  const [line] = text.split('\n');
  return line.length <= 160 ? line : `${line.slice(0, 157)}...`;
}

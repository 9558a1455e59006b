// An output folder for somebody who finds it: is this a result one may use, what is in it, and what to do if not.
import { formatDuration } from '../report/format-duration.ts';
import { counted, formatBytes, formatNumber } from '../report/format-number.ts';
import type { OutputInspection } from '../run/inspect-output-folder.ts';
import { aligned, fact, firstOf, section, shellWord, timeOf } from './page.ts';

type StateOf<Kind extends OutputInspection['state']['kind']> = Extract<
  OutputInspection['state'],
  { readonly kind: Kind }
>;

export function outputPage({ path, state, lock, run, reportPath }: OutputInspection): readonly string[] {
  const report = reportPath === null ? [] : fact('report', reportPath);
  const held = lock === null ? [] : fact('lock', lockText(lock));
  switch (state.kind) {
    case 'absent':
    case 'empty':
      return [
        ...fact('output', path),
        ...fact('state', 'EMPTY: a run prepared the folder and was gone before it scored anything'),
        ...held,
        ...fact('next', 'run a job with this output folder'),
      ];
    case 'foreign':
      return [
        ...fact('output', path),
        ...fact('state', 'FOREIGN: neither a result nor an unfinished run of scoremill, but other files'),
        ...held,
        ...fact('files', ...firstOf(state.foreign, 12)),
        ...fact('next', 'move these files away, or give another output folder'),
      ];
    case 'unfinished':
      return [
        ...fact('output', path),
        ...unfinishedLines(state, lock?.state === 'alive'),
        ...report,
        ...held,
        ...foreignLines(state.foreign),
      ];
    case 'complete':
      return [
        ...fact('output', path),
        ...completeLines(state, run, path),
        ...report,
        ...held,
        ...foreignLines(state.foreign),
        ...columnLines(state),
      ];
  }
}

function lockText({ holder, state }: NonNullable<OutputInspection['lock']>): string {
  if (holder === null) return 'held, and the lock file does not say by whom';
  const who = `process ${holder.pid} on host ${holder.host} since ${timeOf(holder.createdMs)}`;
  if (state === 'alive') return `held by ${who}, which is running`;
  if (state === 'dead') return `left behind by ${who}, which is gone: the next run takes over by itself`;
  return `held by ${who}, which cannot be seen from here; if it is gone, the next run needs --steal-lock`;
}

function unfinishedLines({ ledger, previous }: StateOf<'unfinished'>, isRunning: boolean): readonly string[] {
  const { header, outcomes, entries } = ledger;
  const sum = (value: 'rows' | 'scored' | 'rejected'): string =>
    formatNumber([...outcomes.values()].reduce((total, outcome) => total + outcome[value], 0));
  const of = (kind: (typeof entries)[number]['kind']): number => entries.filter((entry) => entry.kind === kind).length;
  const troubles = [
    ...(of('attempt-failed') > 0 ? [counted(of('attempt-failed'), 'failed attempt')] : []),
    ...(of('engine-death') > 0 ? [counted(of('engine-death'), 'death') + ' of the engine process'] : []),
    ...(of('crashed-row') > 0 ? [`${counted(of('crashed-row'), 'row')} that crash the model`] : []),
    ...(ledger.lostBytes > 0 ? [`${counted(ledger.lostBytes, 'byte')} torn off the end of the ledger`] : []),
  ];
  const isOwn = previous !== null && previous.runId === header?.runId;
  const stage = isOwn || of('committing') > 0 ? ': every split is done, publishing was interrupted' : '';
  const next = isRunning
    ? 'wait until it is done'
    : 'start the same run again: it goes on from here; or with --fresh to throw this away';
  return [
    ...fact('state', isRunning ? 'RUNNING: a run is writing to this folder now' : `UNFINISHED${stage}`),
    ...(header === null
      ? []
      : fact(
          'run',
          `${header.runId}, first started ${timeOf(header.createdMs)}, ${counted(1 + of('resumed'), 'execution')} so far`,
        )),
    ...(header === null
      ? []
      : fact(
          'job',
          ...Object.entries(header.facts)
            .filter(([name]) => ['model.path', 'dataset.path'].includes(name))
            .map(([name, value]) => `${name} ${value}`),
        )),
    ...fact(
      'done',
      `${counted(outcomes.size, 'split')}: ${sum('rows')} rows in = ${sum('scored')} scored + ${sum('rejected')} rejected + the filtered`,
    ),
    ...(troubles.length > 0 ? fact('trouble', troubles.join(', ')) : []),
    ...(previous === null || isOwn
      ? []
      : fact(
          'holds',
          `still the complete result of run ${previous.runId}, ${header?.append === undefined ? 'which this run will replace' : 'to which this run adds'}`,
        )),
    ...fact('next', next),
  ];
}

function completeLines(
  { manifest, success, lost }: StateOf<'complete'>,
  run: OutputInspection['run'],
  path: string,
): readonly string[] {
  const { runId, job, counts, parts, model, dataset, versions, startedMs, finishedMs, attempts, files } = manifest;
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const isWhole = success && lost.length === 0;
  const rejects = files.some(({ name }) => name === 'rejects.parquet')
    ? ', the rejects are in _scoremill/rejects.parquet'
    : '';
  const heldBack = counts.scored - counts.written;
  const held =
    heldBack === 0
      ? ''
      : `; ${formatNumber(counts.written)} written, ${formatNumber(heldBack)} held back by output.where`;
  const filtered = counts.filtered > 0 ? ` + ${formatNumber(counts.filtered)} left out by the filter` : '';
  return [
    ...fact('state', isWhole ? 'COMPLETE' : 'DAMAGED: it was complete, and files are missing or have another size'),
    ...(isWhole ? [] : fact('missing', ...firstOf([...(success ? [] : ['_SUCCESS']), ...lost], 12))),
    ...fact('run', `${runId} of job ${job.name}`),
    ...fact(
      'time',
      `${timeOf(startedMs)} to ${timeOf(finishedMs)}: ${formatDuration(finishedMs - startedMs)} in ${counted(attempts, 'execution')}`,
    ),
    ...fact(
      'rows',
      `${formatNumber(counts.rows)} in = ${formatNumber(counts.scored)} scored + ${formatNumber(counts.rejected)} rejected${filtered}${held}${rejects}`,
    ),
    ...fact(
      'parts',
      `${counted(parts.length, 'part')}, ${formatBytes(bytes)}${parts.length === 0 ? '' : `, ${parts[0].name}${parts.length > 1 ? ` to ${parts.at(-1)?.name}` : ''}`}`,
    ),
    ...(manifest.runs.length === 1 ? [] : fact('runs', ...firstOf(manifest.runs.map(runLine).reverse(), 12))),
    ...speedLines(run),
    ...fact('model', model.path, `sha256 ${model.sha256}`),
    ...fact('dataset', `${counted(dataset.shards.length, `${dataset.format} file`)}: ${dataset.paths.join(', ')}`),
    ...fact(
      'made by',
      `scoremill ${versions.scoremill}, onnxruntime ${versions.onnxruntime}, duckdb ${versions.duckdb}, node ${versions.node}`,
    ),
    ...fact(
      'next',
      isWhole
        ? `scoremill verify ${shellWord(path)} checks every file`
        : 'put the files back, or score again with --if-exists replace',
    ),
  ];
}

const runLine = ({ runId, finishedMs, shards, rows, parts }: StateOf<'complete'>['manifest']['runs'][number]): string =>
  `${timeOf(finishedMs)} ${runId}: ${formatNumber(rows)} rows of ${counted(shards, 'shard')} in ${counted(parts, 'part')}`;

function speedLines(run: OutputInspection['run']): readonly string[] {
  if (run === null || typeof run.rows_per_second !== 'number') return [];
  const limit = typeof run.held_back_by === 'string' ? `; held back by: ${run.held_back_by}` : '';
  return fact(
    'speed',
    `${formatNumber(run.rows_per_second)} rows/s with ${counted(Number(run.workers), 'worker')}${limit}`,
  );
}

const foreignLines = (foreign: readonly string[]): readonly string[] =>
  foreign.length === 0
    ? []
    : fact('FOREIGN', `files that are not part of it, which readers will take for data:`, ...firstOf(foreign, 12));

const columnLines = ({ manifest }: StateOf<'complete'>): readonly string[] =>
  section(`columns (${manifest.columns.length})`, aligned(manifest.columns.map(({ name, type }) => [name, type])));

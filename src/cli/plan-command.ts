// `scoremill plan`: what a run would do and why, as a page or as JSON.
import { exitCodeOf, failuresOf } from '../core/failure.ts';
import { checkDays } from '../job/check-days.ts';
import type { JobRequest } from '../job/load.ts';
import { counted, formatBytes, formatNumber } from '../report/format-number.ts';
import { type PlannedRun, planJob } from '../run/plan-job.ts';
import type { PlanArguments } from './arguments.ts';
import { complainAbout } from './complain-about.ts';
import { failuresJson } from './inspect-json.ts';
import { say, writeData } from './output.ts';

export async function planCommand(command: PlanArguments): Promise<number> {
  const { job, dates, json, quiet, nothingToDoCode } = command;
  const request: JobRequest = { ...job, environment: process.env, workingFolder: process.cwd() };
  if (dates !== undefined) return planDays(request, dates, command);
  const planned = await planJob({ job: request, fresh: command.fresh });
  if (json) writeData(`${JSON.stringify(jsonOf(planned), null, 2)}\n`);
  else if (!quiet) for (const line of linesOf(planned)) writeData(`${line}\n`);
  if (planned.plan !== null) return 0;
  if (!quiet) say('nothing to do');
  return nothingToDoCode;
}

/** A page for each day. As in a run, a day that would fail does not keep the others from being planned. */
async function planDays(
  request: JobRequest,
  dates: readonly string[],
  { fresh, json, quiet, nothingToDoCode, ...command }: PlanArguments,
): Promise<number> {
  const shown: object[] = [];
  const exitCodes: number[] = [];
  for (const text of await checkDays(request, dates)) if (!quiet) say(`warning: ${text}`);
  for (const date of dates) {
    try {
      const planned = await planJob({ job: { ...request, date }, fresh });
      shown.push({ date, ...jsonOf(planned) });
      exitCodes.push(planned.plan === null ? nothingToDoCode : 0);
      if (!json && !quiet) for (const line of [date, ...linesOf(planned)]) writeData(`${line}\n`);
    } catch (error) {
      const failures = failuresOf(error);
      shown.push({ date, failures: failuresJson(failures) });
      exitCodes.push(exitCodeOf(failures[0]));
      complainAbout(failures, { quiet, logFormat: command.logFormat, of: date });
      if (command.stopOnFailure) break;
    }
  }
  if (json) writeData(`${JSON.stringify({ days: shown }, null, 2)}\n`);
  return exitCodes.find((code) => code !== 0 && code !== nothingToDoCode) ?? Math.min(...exitCodes);
}

const oneLine = (sql: string): string => sql.replace(/\s+/g, ' ').trim();

const whatHappens = {
  'already-complete': 'nothing: it holds the complete result of this job, model and input',
  score: 'a new result',
  resume: 'the unfinished run is resumed',
  'start-over': 'the unfinished run is discarded and started over',
} as const;

function linesOf({ prepared, plan, decision, doneSplits, workers, growth }: PlannedRun): readonly string[] {
  const { job, model } = prepared;
  const lines = [`model    ${model.path} (${formatBytes(model.fileBytes)}, sha256 ${model.sha256.slice(0, 12)})`];
  if (plan !== null) {
    const bytes = plan.shards.reduce((sum, shard) => sum + shard.fileBytes, 0);
    const { inputs, results, computed, writeWhere, kept } = plan.binding;
    lines.push(
      `dataset  ${counted(plan.shards.length, `${plan.shards[0].format} file`)}, ${counted(plan.rows, 'row')}, ${formatBytes(bytes)}`,
    );
    for (const { name, columns, dtype, rowShape } of inputs) {
      const labels = columns.map(({ label }) => label);
      const shown =
        labels.length > 8
          ? `${labels.slice(0, 7).join(', ')}, ... ${labels.at(-1)} (${labels.length} columns)`
          : labels.join(', ');
      lines.push(`input    ${name}: ${dtype} [${rowShape.map((size) => size ?? '?').join(', ')}] a row <- ${shown}`);
    }
    if (kept.length > 0) lines.push(`keep     ${kept.join(', ')}`);
    for (const { name, type, output } of results) lines.push(`result   ${name}: ${type} <- ${output}`);
    for (const { name, type } of computed)
      lines.push(`result   ${name}: ${type} <- ${oneLine(job.outputs![name].sql!)}`);
    if (writeWhere !== null) lines.push(`write    rows for which ${oneLine(job.output.where!)}`);
    lines.push(
      `splits   ${counted(plan.splits.length, 'split')} of at most ${formatNumber(Math.max(...plan.splits.map(({ rows }) => rows)))} rows, ${formatNumber(plan.batchRows)} rows a batch, ${counted(workers, 'worker')}`,
    );
    for (const notice of plan.notices) lines.push(`note     ${notice}`);
  }
  lines.push(...growthLines(growth));
  const happens = decision === 'score' && growth !== null ? 'the result there is added to' : whatHappens[decision];
  lines.push(
    `output   ${job.output.path}: ${happens}${doneSplits > 0 && plan !== null ? `, ${doneSplits} of ${counted(plan.splits.length, 'split')} are done` : ''}`,
  );
  return lines;
}

const stateTexts = {
  new: 'new',
  changed: 'changed since it was scored',
  again: 'unchanged, in a part with one that changed',
  done: 'done before',
  later: 'new, for the next run: the unfinished one began without it',
} as const;
const mostShown = 20;

/** Each shard that is scored and why, those that are not in one line, and what is gone. */
function growthLines(growth: PlannedRun['growth']): readonly string[] {
  if (growth === null) return [];
  const { shards, gone, replaced } = growth;
  const waiting = shards.filter(({ state }) => state !== 'done');
  const shown = waiting.slice(0, mostShown);
  const done = shards.length - waiting.length;
  return [
    ...shown.map(({ path, state }) => `shard    ${path}: ${stateTexts[state]}`),
    ...(waiting.length > shown.length
      ? [`shard    and ${counted(waiting.length - shown.length, 'other')}; --json lists all`]
      : []),
    ...(done > 0 ? [`shard    ${counted(done, 'other')} done before`] : []),
    ...gone.slice(0, mostShown).map((path) => `gone     ${path}: its rows stay in the result`),
    ...(gone.length > mostShown ? [`gone     and ${counted(gone.length - mostShown, 'other')}`] : []),
    ...replaced.map((name) => `replace  ${name}`),
  ];
}

function jsonOf({ prepared, plan, decision, doneSplits, workers, growth }: PlannedRun): object {
  const { job, model } = prepared;
  return {
    decision,
    output: job.output.path,
    model: { path: model.path, sha256: model.sha256 },
    workers,
    doneSplits,
    ...(growth === null ? {} : { growth }),
    ...(plan === null
      ? {}
      : {
          rows: plan.rows,
          batchRows: plan.batchRows,
          shards: plan.shards.map(({ path, format, rows, fileBytes }) => ({ path, format, rows, fileBytes })),
          inputs: plan.binding.inputs.map(({ name, dtype, rowShape, columns }) => ({
            name,
            dtype,
            rowShape,
            columns: columns.map(({ label }) => label),
          })),
          keep: plan.binding.kept,
          columns: plan.columns,
          splits: plan.splits,
          notices: plan.notices,
        }),
  };
}

// `scoremill plan`: what a run would do and why, as a page or as JSON.
import { counted, formatBytes, formatNumber } from '../report/format-number.ts';
import { type PlannedRun, planJob } from '../run/plan-job.ts';
import type { PlanArguments } from './arguments.ts';
import { say, writeData } from './output.ts';

export async function planCommand({ job, fresh, json, quiet, nothingToDoCode }: PlanArguments): Promise<number> {
  const planned = await planJob({ job: { ...job, environment: process.env, workingFolder: process.cwd() }, fresh });
  if (json) writeData(`${JSON.stringify(jsonOf(planned), null, 2)}\n`);
  else if (!quiet) for (const line of linesOf(planned)) writeData(`${line}\n`);
  if (planned.plan !== null) return 0;
  if (!quiet) say('nothing to do');
  return nothingToDoCode;
}

const oneLine = (sql: string): string => sql.replace(/\s+/g, ' ').trim();

const whatHappens = {
  'already-complete': 'nothing: it holds the complete result of this job, model and input',
  score: 'a new result',
  resume: 'the unfinished run is resumed',
  'start-over': 'the unfinished run is discarded and started over',
} as const;

function linesOf({ prepared, plan, decision, doneSplits, workers }: PlannedRun): readonly string[] {
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
  lines.push(
    `output   ${job.output.path}: ${whatHappens[decision]}${doneSplits > 0 && plan !== null ? `, ${doneSplits} of ${counted(plan.splits.length, 'split')} are done` : ''}`,
  );
  return lines;
}

function jsonOf({ prepared, plan, decision, doneSplits, workers }: PlannedRun): object {
  const { job, model } = prepared;
  return {
    decision,
    output: job.output.path,
    model: { path: model.path, sha256: model.sha256 },
    workers,
    doneSplits,
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

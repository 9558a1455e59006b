// Which datasets and columns a run reads and writes, for OpenLineage: the paths of the job, and of its plan what feeds what.
import { dirname, sep } from 'node:path';
import type { Job } from '../job/schema.ts';
import { datasetMetrics } from '../observe/column-metrics.ts';
import type { LineageColumn, LineageInput, LineageOutput } from '../observe/lineage-event.ts';
import type { Plan } from '../plan/plan.ts';
import type { ColumnSummary } from '../stats/column-summary.ts';
import type { RunStats } from '../stats/run-stats.ts';

/** One input for each path of the dataset: the file or folder itself, or the folder below which a pattern looks. */
export function lineageInputs(
  job: Job,
  plan: Plan | null,
  summaries: readonly ColumnSummary[],
): readonly LineageInput[] {
  const { dataset } = job;
  const paths = [...new Set(dataset.path.map(folderOfPattern))];
  const ownerOf = (path: string): string | undefined =>
    paths.filter((one) => path === one || path.startsWith(one.endsWith(sep) ? one : `${one}${sep}`)).at(0);
  return paths.map((path) => {
    const shards = plan?.shards.filter((shard) => ownerOf(shard.path) === path) ?? null;
    const rows = sum((shards ?? []).map((shard) => shard.rows));
    return {
      path,
      columns: plan?.wanted.map(({ name, type }) => ({ name, type })) ?? null,
      counts: shards && {
        rows,
        bytes: sum(shards.map(({ fileBytes }) => fileBytes)),
        files: shards.length,
      },
      // The rows of several paths are summarised together.
      metrics: plan === null || paths.length > 1 ? null : datasetMetrics(readAsTheyAre(job, plan, summaries), rows),
    };
  });
}

/** The summaries of columns that reach the model as they stand in the dataset: made by no expression or module, nulls not filled. */
function readAsTheyAre(
  { inputs = {}, rejects }: Job,
  { wanted, transform }: Plan,
  summaries: readonly ColumnSummary[],
): readonly ColumnSummary[] {
  const made = new Set(transform?.columns.map(({ name }) => name));
  const names = new Set(wanted.map(({ name }) => name).filter((name) => !made.has(name)));
  const isFilled = (tensor: string | null, name: string): boolean =>
    name in rejects.fill || (tensor !== null && inputs[tensor]?.fill !== undefined);
  return summaries.filter(({ role, tensor, name }) => role === 'feature' && names.has(name) && !isFilled(tensor, name));
}

export interface Published {
  readonly stats: RunStats;
  /** Rows that the output folder holds: with `append` also those of earlier runs. */
  readonly resultRows: number;
}

/** The columns of the parts, each with the input columns that it is made of. `published`: of a run that did. */
export function lineageOutput(
  { output, outputs = {} }: Job,
  plan: Plan | null,
  published: Published | null,
  summaries: readonly ColumnSummary[],
): LineageOutput {
  const stats = published?.stats ?? null;
  const counts = stats && { rows: stats.written, bytes: stats.outputBytes, files: stats.splits };
  if (plan === null) return { path: output.path, columns: null, counts, metrics: null, filteredBy: [] };
  const { binding, wanted, where } = plan;
  const known = wanted.map(({ name }) => name);
  const fed = mentioned(
    [...binding.inputs, ...binding.preparations].flatMap(({ columns }) => columns.map(({ sql }) => sql)),
    known,
  );
  const ofModel = binding.results.map(({ name }) => name);
  const computed = new Map(
    binding.computed.map(({ name, reads }) => {
      const fromResults = mentioned(
        [outputs[name]?.sql ?? ''],
        [...ofModel, ...binding.computed.map((one) => one.name)],
      );
      const fromKept = mentioned([outputs[name]?.sql ?? ''], binding.kept);
      return [name, [...new Set([...reads, ...fromKept, ...(fromResults.length > 0 ? fed : [])])]];
    }),
  );
  const columns = plan.columns.map(({ name, type }): LineageColumn => {
    const isKept = binding.kept.includes(name);
    return { name, type, isKept, from: isKept ? [name] : (computed.get(name) ?? fed) };
  });
  const filters = [where ?? '', output.where ?? ''];
  // Rows are summarised as they are scored: those that are held back, too, and none of an earlier run.
  const isOfAll = stats !== null && stats.written === stats.scored && stats.written === published?.resultRows;
  const results = summaries.filter(({ role }) => role === 'result');
  const metrics = isOfAll ? datasetMetrics(results, stats.written) : null;
  return { path: output.path, columns, counts, metrics, filteredBy: mentioned(filters, known) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function folderOfPattern(path: string): string {
  const at = path.search(/[*?[{]/);
  return at < 0 ? path : dirname(`${path.slice(0, at)}x`);
}

/** Which of the names stand in one of the expressions, outside of texts. SQL takes a name in any case. */
function mentioned(expressions: readonly string[], names: readonly string[]): readonly string[] {
  const texts = expressions.map((sql) => sql.replace(/'(?:[^']|'')*'/g, "''").toLowerCase());
  return names.filter((name) => {
    const escaped = name.toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])${escaped.replaceAll('"', '""')}(?![\\p{L}\\p{N}_])`, 'u');
    return texts.some((text) => pattern.test(text));
  });
}

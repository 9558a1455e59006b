// Which datasets and columns a run reads and writes, for OpenLineage: the paths of the job, and of its plan what feeds what.
import { dirname, sep } from 'node:path';
import type { Job } from '../job/schema.ts';
import type { LineageColumn, LineageInput, LineageOutput } from '../observe/lineage-event.ts';
import type { Plan } from '../plan/plan.ts';
import type { RunStats } from '../stats/run-stats.ts';

/** One input for each path of the dataset: the file or folder itself, or the folder below which a pattern looks. */
export function lineageInputs({ dataset }: Job, plan: Plan | null): readonly LineageInput[] {
  const paths = [...new Set(dataset.path.map(folderOfPattern))];
  const ownerOf = (path: string): string | undefined =>
    paths.filter((one) => path === one || path.startsWith(one.endsWith(sep) ? one : `${one}${sep}`)).at(0);
  return paths.map((path) => {
    const shards = plan?.shards.filter((shard) => ownerOf(shard.path) === path) ?? null;
    return {
      path,
      columns: plan?.wanted.map(({ name, type }) => ({ name, type })) ?? null,
      counts: shards && {
        rows: sum(shards.map(({ rows }) => rows)),
        bytes: sum(shards.map(({ fileBytes }) => fileBytes)),
        files: shards.length,
      },
    };
  });
}

/** The columns of the parts, each with the input columns that it is made of. `published`: of a run that did. */
export function lineageOutput(
  { output, outputs = {} }: Job,
  plan: Plan | null,
  published: RunStats | null,
): LineageOutput {
  const counts = published && { rows: published.written, bytes: published.outputBytes, files: published.splits };
  if (plan === null) return { path: output.path, columns: null, counts, filteredBy: [] };
  const { binding, wanted, where } = plan;
  const known = wanted.map(({ name }) => name);
  const fed = mentioned(
    [...binding.inputs, ...binding.preparations].flatMap(({ columns }) => columns.map(({ sql }) => sql)),
    known,
  );
  const results = binding.results.map(({ name }) => name);
  const computed = new Map(
    binding.computed.map(({ name, reads }) => {
      const fromResults = mentioned(
        [outputs[name]?.sql ?? ''],
        [...results, ...binding.computed.map((one) => one.name)],
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
  return { path: output.path, columns, counts, filteredBy: mentioned(filters, known) };
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

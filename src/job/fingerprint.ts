// What decides a job's result, as one hash and as facts for listing what changed. Left out: what the run is called, where
// its output goes, how many workers it has, how patient it is, how many rejects it tolerates, and who is told of it.
import { canonicalJson, sha256OfText } from '../core/hash.ts';
import { formatPath, isMapping, type Path } from './overrides.ts';
import type { Job } from './schema.ts';
import { threadsOf } from './threads-of.ts';

/** The SHA-256 of everything in a checked job that decides the predictions or the files that hold them. */
export function fingerprintOf(job: Job): string {
  return sha256OfText(canonicalJson(deciding(job)));
}

/** The same values by path, as short text: `{ 'model.version': '"latest"' }`. A long value ends in a hash of the whole. */
export function factsOf(job: Job): Readonly<Record<string, string>> {
  return Object.fromEntries(flatten(deciding(job), []));
}

function deciding({
  model,
  dataset,
  transform,
  inputs,
  outputs,
  keep,
  rejects,
  output,
  run,
}: Job): Readonly<Record<string, unknown>> {
  return {
    model,
    dataset,
    ...(transform === undefined ? {} : { transform }),
    inputs,
    outputs,
    // Result columns follow the order of the keys, which canonical JSON forgets.
    outputOrder: Object.entries(outputs ?? {}).map(([name, spec]) => [name, ...Object.keys(spec.pick ?? {})]),
    keep,
    rejects: { nulls: rejects.nulls, fill: rejects.fill },
    output: { compression: output.compression, rowsPerFile: output.rowsPerFile, where: output.where },
    // A tree ensemble adds up its trees in another order with other threads, and gives other last bits.
    run: { batchRows: run.batchRows, threadsPerWorker: threadsOf(run) },
  };
}

function flatten(value: unknown, path: Path): [string, string][] {
  if (value === undefined) return [];
  if (isMapping(value)) return Object.entries(value).flatMap(([key, inner]) => flatten(inner, [...path, key]));
  const text = JSON.stringify(value);
  const short = text.length <= 120 ? text : `${text.slice(0, 100)}... (${sha256OfText(text).slice(0, 12)})`;
  return [[formatPath(path), short]];
}

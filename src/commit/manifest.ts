// The authority on a finished result: its parts and what they were made from. The file carries a checksum of its own
// content, so a manifest that was damaged or edited is refused instead of believed.
import * as z from 'zod';
import { readIfPresent, writeFileDurably } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { canonicalJson, sha256OfText } from '../core/hash.ts';
import { partNamePattern, resultFileNames } from './layout.ts';

const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const listOf = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const object = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).readonly();

const piece = object({
  shard: count,
  startRow: count,
  endRow: count,
  startByte: count.optional(),
  endByte: count.optional(),
});

/** rows = scored + rejected + filtered; written: of the scored ones, those that are in the parts. */
const rowCounts = { rows: count, scored: count, rejected: count, filtered: count, written: count };

const versions = object({ scoremill: z.string(), node: z.string(), onnxruntime: z.string(), duckdb: z.string() });

const manifestSchema = object({
  format: z.literal(3),
  /** The last run that added to the result. */
  runId: z.string(),
  verdict: z.literal('complete'),
  job: object({
    name: z.string(),
    fingerprint: z.string(),
    facts: z.record(z.string(), z.string()).readonly(),
    /** The checked job with its paths absolute, from which the run can be planned again. */
    definition: z.record(z.string(), z.unknown()).readonly(),
  }),
  model: object({
    path: z.string(),
    sha256,
    fileBytes: count,
    externalFiles: listOf(object({ path: z.string(), sha256, fileBytes: count })),
    /** Labels, columns, preprocessing: what decides a result beside the model itself. */
    sidecars: listOf(object({ path: z.string(), sha256, fileBytes: count })).default([]),
    adaptations: listOf(z.string()),
  }),
  inputFingerprint: z.string(),
  dataset: object({
    paths: listOf(z.string()),
    format: z.string(),
    shards: listOf(object({ path: z.string(), fileBytes: count, modifiedMs: z.number(), rows: count })),
    /** For each shard the rows that belong to this slice of the dataset; left out: all of them. */
    covers: listOf(object({ startRow: count, endRow: count })).optional(),
  }),
  parts: listOf(
    object({
      name: z.string().regex(partNamePattern),
      /** Its place in the list. */
      split: count,
      /** The run that made it. */
      run: z.string(),
      rows: count,
      bytes: count,
      sha256,
      pieces: listOf(piece),
    }),
  ),
  counts: object({ ...rowCounts, parts: count, splits: count }),
  batchRows: count,
  /** What the batch size was chosen by, where it was measured. */
  calibration: object({
    batchRows: count,
    rows: count,
    trials: listOf(object({ batchRows: count, microsecondsPerRow: z.number(), isSame: z.boolean() })),
  }).optional(),
  /** Columns of the parts, in order; `type` is DuckDB's name of the type, `kept` says that the input has it. */
  columns: listOf(object({ name: z.string(), type: z.string(), kept: z.boolean().optional() })),
  versions,
  startedMs: z.number(),
  finishedMs: z.number(),
  /** How many times the last run was started until it was complete. */
  attempts: count,
  /** Every run that made or added to the result, in their order, with what it published: later ones may have replaced some of it. */
  runs: z
    .array(
      object({
        runId: z.string(),
        shards: count,
        parts: count,
        ...rowCounts,
        batchRows: count,
        adaptations: listOf(z.string()),
        versions,
        startedMs: z.number(),
        finishedMs: z.number(),
        attempts: count,
      }),
    )
    .min(1)
    .readonly(),
  /** The files beside the manifest. */
  files: listOf(object({ name: z.enum(resultFileNames), bytes: count, sha256 })),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** The manifest at a path, or null when there is none. Fails with `manifest-damaged` when it is not what was written. */
export async function readManifest(path: string): Promise<Manifest | null> {
  const bytes = await readIfPresent(path);
  if (bytes === null) return null;
  const damaged = (message: string) => new FailureError({ reason: 'manifest-damaged', path, message });
  const content = contentOf(bytes);
  if (content === null) throw damaged('its checksum does not fit its content');
  const upgrade = upgrades[String(content.format)];
  if (upgrade === undefined)
    throw damaged(`its format is ${content.format}, and this version of scoremill reads formats 1 to 3`);
  const checked = manifestSchema.safeParse(upgrade(content));
  if (!checked.success) throw damaged(z.prettifyError(checked.error));
  return checked.data;
}

/** Puts a manifest in place, as a whole and durably. */
export async function writeManifest(path: string, manifest: Manifest, mayReplace?: () => Promise<void>): Promise<void> {
  const checksum = sha256OfText(canonicalJson(manifest));
  await writeFileDurably(path, `${JSON.stringify({ ...manifest, checksum }, null, 2)}\n`, mayReplace);
}

/** What identifies a manifest: the SHA-256 of what it says. */
export const sha256OfManifest = (manifest: Manifest): string => sha256OfText(canonicalJson(manifest));

type Content = Record<string, unknown>;

/** By format number: the content as the newest format has it. */
const upgrades: Readonly<Record<string, (content: Content) => Content>> = {
  1: (content) => fromFormat2(fromFormat1(content)),
  2: fromFormat2,
  3: (content) => content,
};

/** Format 1 knew no `written`: every scored row was. */
function fromFormat1(content: Content): Content {
  const counts = content.counts as Content | undefined;
  return { ...content, counts: { ...counts, written: counts?.scored } };
}

/** Format 2 knew no results of more than one run. */
function fromFormat2(content: Content): Content {
  const { runId, batchRows, versions, startedMs, finishedMs, attempts } = content;
  const { parts = [], counts, model, dataset } = content as { parts?: readonly Content[] } & Record<string, Content>;
  const { splits: _splits, ...ofRun } = (counts ?? {}) as Content;
  const shards = (dataset?.shards as readonly unknown[] | undefined)?.length;
  const { adaptations } = (model ?? {}) as Content;
  const run = { runId, shards, ...ofRun, batchRows, adaptations, versions, startedMs, finishedMs, attempts };
  return { ...content, format: 3, parts: parts.map((part) => ({ run: runId, ...part })), runs: [run] };
}

/** The JSON object without its checksum; null when it is no JSON object or the checksum is another. */
function contentOf(bytes: Buffer): Content | null {
  try {
    const { checksum, ...content } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return checksum === sha256OfText(canonicalJson(content)) ? content : null;
  } catch {
    return null;
  }
}

// `scoremill verify` of a folder that the slices of a dataset share: each slice by itself, and whether they are slices of one
// thing: the same job, model and input, with every row in just one of them.
import { join, resolve } from 'node:path';
import { layoutOf, sliceFolderPattern } from '../commit/layout.ts';
import { type Manifest, readManifest } from '../commit/manifest.ts';
import { entryAt, namesIn } from '../core/atomic-file.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import { canonicalJson } from '../core/hash.ts';
import { counted, formatNumber } from '../report/format-number.ts';
import { type Check, checkFailures } from './check.ts';
import { type Verification, type VerifyRequest, verifyOutput } from './verify-output.ts';

/** Verifies an output folder, be it of one run or of the slices of an array of runs. Throws as `verifyOutput` does. */
export async function verifyFolder(request: VerifyRequest): Promise<Verification> {
  const root = resolve(request.outputPath);
  const names = (await entryAt(root)).kind === 'file' ? [] : await namesIn(root);
  const slices = names.filter((name) => sliceFolderPattern.test(name));
  if (slices.length === 0) return verifyOutput(request);
  const checks: Check[] = [];
  const failures: Failure[] = [];
  const manifests: Manifest[] = [];
  const rescore = Math.ceil((request.rescore ?? 0) / slices.length);
  for (const name of slices) {
    const one = await verifySlice({ ...request, outputPath: join(root, name), rescore });
    failures.push(...one.failures);
    if (one.manifest !== null) manifests.push(one.manifest);
    checks.push({ name: 'slices', wasMade: true, text: `${name}: ${one.text}`, problems: one.problems });
  }
  const together = checkTogether(names, slices, manifests, root);
  checks.push(together);
  failures.push(...checkFailures(root, [together]));
  return { outputPath: root, runId: null, checks, failures };
}

interface VerifiedSlice {
  readonly manifest: Manifest | null;
  readonly text: string;
  readonly problems: readonly string[];
  readonly failures: readonly Failure[];
}

async function verifySlice(request: VerifyRequest): Promise<VerifiedSlice> {
  try {
    const { checks, failures } = await verifyOutput(request);
    const problems = checks.flatMap((check) => check.problems);
    const manifest = problems.length === 0 ? await readManifest(layoutOf(request.outputPath).manifest) : null;
    return { manifest, text: `${counted(manifest?.counts.rows ?? 0, 'row')} in`, problems, failures };
  } catch (error) {
    // One that is not finished, or not there, is a finding; that somebody stops the command is none.
    if (!(error instanceof FailureError) || error.failures[0].reason === 'interrupted') throw error;
    return {
      manifest: null,
      text: 'not finished',
      problems: ['there is no finished result'],
      failures: error.failures,
    };
  }
}

/** What can only be seen of all slices together; of those that are not right nothing is said twice. */
function checkTogether(
  names: readonly string[],
  slices: readonly string[],
  manifests: readonly Manifest[],
  root: string,
): Check {
  const counts = new Set(slices.map((name) => sliceFolderPattern.exec(name)![2]));
  const foreign = names.filter((name) => !slices.includes(name) && !/^\.|^lost\+found$/.test(name));
  const problems = foreign.map((name) => `${name} is no slice, and reads as part of the result`);
  if (counts.size > 1) problems.push(`there are slices of ${[...counts].join(' and of ')}: they overlap`);
  const missing = Number([...counts][0]) - slices.length;
  if (counts.size === 1 && missing > 0) problems.push(`${missing} of ${[...counts][0]} slices are missing`);
  const isComplete = problems.length === 0 && manifests.length === slices.length;
  if (isComplete) problems.push(...differences(manifests, slices), ...(isOneThing(manifests) ? gaps(manifests) : []));
  const rows = manifests.reduce((sum, manifest) => sum + manifest.counts.rows, 0);
  return {
    name: 'slices',
    wasMade: problems.length > 0 || isComplete,
    text: isComplete
      ? `together all ${formatNumber(rows)} rows of ${counted(manifests[0].dataset.shards.length, 'shard')}, of one job, model and input`
      : `of ${root} cannot be looked at together: some are not right`,
    problems,
  };
}

/** What decides a result, but for the slice itself. */
function identityOf({ job, model, inputFingerprint, dataset }: Manifest): Readonly<Record<string, string>> {
  const { dataset: asked, rejects, inputs, outputs, keep } = job.definition as Partial<Record<string, object>>;
  const decides = { dataset: { ...asked, slice: null }, rejects: { ...rejects, budget: null }, inputs, outputs, keep };
  return {
    job: canonicalJson(decides),
    model: model.sha256,
    input: canonicalJson([inputFingerprint, dataset.shards]),
  };
}

function differences(manifests: readonly Manifest[], slices: readonly string[]): readonly string[] {
  const [first, ...others] = manifests.map(identityOf);
  return others.flatMap((other, i) =>
    Object.keys(first)
      .filter((what) => first[what] !== other[what])
      .map((what) => `${slices[i + 1]} is of another ${what} than ${slices[0]}`),
  );
}

const isOneThing = (manifests: readonly Manifest[]): boolean =>
  new Set(manifests.map((manifest) => canonicalJson(identityOf(manifest)))).size === 1;

/** Rows that no slice has, or that two have: where one ends in a shard, the next begins. */
function gaps(manifests: readonly Manifest[]): readonly string[] {
  return manifests[0].dataset.shards.flatMap(({ path, rows }, shard) => {
    let reached = 0;
    for (const { dataset } of manifests) {
      const { startRow, endRow } = dataset.covers?.[shard] ?? { startRow: 0, endRow: 0 };
      if (startRow === endRow) continue;
      if (startRow !== reached) return [`the slices go from row ${reached} to row ${startRow} of ${path}`];
      reached = endRow;
    }
    return reached === rows ? [] : [`the slices end at row ${reached} of ${path}, which has ${rows} rows`];
  });
}

// Outcomes, headers, manifests and staged runs for the tests of the commit layer.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Publication } from '../../src/commit/committer.ts';
import { type OutputLayout, partName, type ResultFileName, stagedPath } from '../../src/commit/layout.ts';
import { Ledger, type LedgerHeader } from '../../src/commit/ledger.ts';
import type { Manifest } from '../../src/commit/manifest.ts';
import { prepareOutput } from '../../src/commit/prepare-output.ts';
import { sha256OfText } from '../../src/core/hash.ts';
import type { SplitOutcome } from '../../src/core/outcome.ts';

const base = mkdtempSync(join(tmpdir(), 'scoremill-commit-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A path that does not exist yet, in a folder that does. */
export const freshPath = (): string => join(mkdtempSync(join(base, 'case-')), 'out');

export function outcomeOf(split: number): SplitOutcome {
  return {
    split,
    attempt: 1,
    worker: 0,
    rows: 10,
    scored: 9,
    rejected: 1,
    filtered: 0,
    written: 9,
    part: { name: `split-${split}.parquet`, rows: 9, bytes: 100 + split, sha256: sha256OfText(`part ${split}`) },
    rejects: null,
    firstRejects: [{ shard: 0, row: 3, reason: 'null', column: 'Größe', message: 'null in "Größe"\n', content: '{}' }],
    startedMs: 1000,
    wallMs: 6,
    stageMs: { open: 1, read: 1, bind: 1, infer: 1, write: 1, commit: 1 },
    batches: 1,
    batchLatency: [0, 1],
    readBytes: 1234,
    peakMemoryBytes: 5678,
    trace: [
      [0, 0, 4000],
      [6, 10, 5678],
    ],
    sketches: null,
  };
}

export function headerOf(runId: string): LedgerHeader {
  return {
    format: 1,
    runId,
    createdMs: 1_700_000_000_000,
    scoremill: '0.1.0',
    jobFingerprint: 'job',
    modelSha256: 'model',
    inputFingerprint: 'input',
    splitsFingerprint: 'splits',
    adaptations: [],
    batchRows: 1024,
    facts: { model: 'm.onnx', 'dataset.where': "status = 'open'", 'shard a.csv': '12 bytes' },
  };
}

/** All parts are of this run. */
export function manifestOf(
  runId: string,
  parts: readonly Omit<Manifest['parts'][number], 'run'>[],
  files: Manifest['files'] = [],
): Manifest {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const versions = { scoremill: '0.1.0', node: '20.19.0', onnxruntime: '1.30.0', duckdb: '1.5.0' };
  const counts = { rows, scored: rows, rejected: 0, filtered: 0, written: rows, parts: parts.length };
  const ofRun = { batchRows: 1024, versions, startedMs: 1, finishedMs: 1_700_000_000_000, attempts: 1 };
  return {
    format: 3,
    runId,
    verdict: 'complete',
    job: { name: 'churn', fingerprint: 'job', facts: { model: 'm.onnx' }, definition: { name: 'churn' } },
    model: {
      path: 'm.onnx',
      sha256: sha256OfText('model'),
      fileBytes: 5,
      externalFiles: [],
      sidecars: [],
      adaptations: ['ZipMap'],
    },
    inputFingerprint: 'input',
    dataset: {
      paths: ['a.csv'],
      format: 'csv',
      shards: [{ path: 'a.csv', fileBytes: 12, modifiedMs: 1.5, rows }],
    },
    parts: parts.map((part) => ({ ...part, run: runId })),
    counts: { ...counts, splits: parts.length },
    columns: [{ name: 'id', type: 'BIGINT' }],
    ...ofRun,
    runs: [{ runId, shards: 1, ...counts, ...ofRun, adaptations: ['ZipMap'] }],
    files,
  };
}

/** Brings a run to the point where all of its splits are done: parts and files staged, every outcome in the ledger. */
export async function stageRun(
  layout: OutputLayout,
  {
    runId,
    content,
    partCount = 2,
    names,
  }: { runId: string; content: string; partCount?: number; names: ResultFileName[] },
): Promise<Publication> {
  await prepareOutput(layout);
  await using ledger = await Ledger.create(layout.ledger, headerOf(runId));
  const stage = (stagedName: string, text: string) => {
    writeFileSync(stagedPath(layout, stagedName), text);
    return { stagedName, bytes: Buffer.byteLength(text), sha256: sha256OfText(text) };
  };
  const parts = Array.from({ length: partCount }, (_, index) => ({
    name: partName(index, runId, partCount),
    ...stage(`split-${index}.parquet`, `${content} of split ${index}`),
  }));
  for (let split = 0; split < partCount; split++) await ledger.append({ kind: 'done', outcome: outcomeOf(split) });
  await ledger.append({ kind: 'committing' });
  const files = names.map((name) => ({ name, ...stage(`new-${name}`, `${content} in ${name}`) }));
  const manifest = manifestOf(
    runId,
    parts.map(({ name, bytes, sha256 }, split) => ({ name, split, rows: 9, bytes, sha256, pieces: [] })),
    files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
  );
  return { layout, parts, files, manifest, replaces: null, requireHeld: async () => {} };
}

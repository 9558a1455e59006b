// The shape of `scoremill inspect --json`, which docs/json-output.md documents.
import { describeFailure, exitCodeOf, type Failure } from '../core/failure.ts';
import type { DatasetInspection } from '../run/inspect-dataset.ts';
import type { ModelInspection } from '../run/inspect-model.ts';
import type { OutputInspection } from '../run/inspect-output-folder.ts';
import type { Inspection } from '../run/inspect-path.ts';

export function inspectionJson(inspection: Inspection): object {
  switch (inspection.kind) {
    case 'model':
      return modelJson(inspection);
    case 'dataset':
      return datasetJson(inspection);
    case 'output':
      return outputJson(inspection);
  }
}

export const failuresJson = (failures: readonly Failure[]): readonly object[] =>
  failures.map((failure) => ({
    reason: failure.reason,
    exitCode: exitCodeOf(failure),
    message: describeFailure(failure),
  }));

function modelJson({ identity, signature, folder, failures, loadMs, ...model }: ModelInspection): object {
  const { kind, producer, irVersion, opsets, parameters, operators, metadata, adaptations, trials, binding, results } =
    model;
  return {
    kind,
    path: identity.path,
    fileBytes: identity.fileBytes,
    sha256: identity.sha256,
    externalFiles: identity.externalFiles.map(fileJson),
    sidecars: identity.sidecars.map(fileJson),
    folder: folderJson(folder),
    producer,
    irVersion,
    opsets,
    parameters,
    operators,
    metadata,
    inputs: signature.inputs,
    outputs: signature.outputs.map(({ labels = null, ...output }) => ({ ...output, labels })),
    featureNames: signature.featureNames ?? null,
    adaptations,
    trials,
    binding,
    results,
    accepted: failures.length === 0,
    loadMs,
    failures: failuresJson(failures),
  };
}

const fileJson = ({ path, bytes, sha256 }: ModelInspection['identity']['sidecars'][number]): object => ({
  path,
  fileBytes: bytes,
  sha256,
});

function folderJson({
  layout,
  path,
  version,
  variant,
  versions,
  variants,
  ...folder
}: ModelInspection['folder']): object {
  const { mlflow, tokenizerPath, preprocessorPath } = folder;
  const columns = mlflow?.inputs ?? null;
  return { layout, path, version, variant, versions, variants, columns, tokenizerPath, preprocessorPath };
}

function datasetJson({
  kind,
  path,
  format,
  rows,
  fileBytes,
  decodedBytes,
  columns,
  differences,
  splits,
  shards,
  failures,
}: DatasetInspection): object {
  return {
    kind,
    path,
    format,
    rows,
    fileBytes,
    decodedBytes,
    columns,
    differences,
    splits,
    shards: shards.map(({ shard, profile }) => ({
      path: shard.path,
      compression: shard.compression,
      fileBytes: shard.fileBytes,
      modifiedAt: new Date(shard.modifiedMs).toISOString(),
      partition: shard.partition,
      rows: profile?.rows ?? null,
      starts: profile?.starts.map(({ row }) => row) ?? null,
    })),
    failures: failuresJson(failures),
  };
}

function outputJson({ kind, path, state, lock, run }: OutputInspection): object {
  const holder =
    lock === null ? null : { state: lock.state, pid: lock.holder?.pid ?? null, host: lock.holder?.host ?? null };
  const common = { kind, path, state: state.kind, lock: holder };
  switch (state.kind) {
    case 'absent':
    case 'empty':
      return common;
    case 'foreign':
      return { ...common, foreign: state.foreign };
    case 'unfinished': {
      const { header, outcomes, entries, lostBytes } = state.ledger;
      const done = [...outcomes.values()];
      const { previous } = state;
      const older = previous === null || previous.runId === header?.runId ? null : previous.runId;
      const sum = (name: 'rows' | 'scored' | 'rejected' | 'filtered' | 'written'): number =>
        done.reduce((total, outcome) => total + outcome[name], 0);
      return {
        ...common,
        foreign: state.foreign,
        runId: header?.runId ?? null,
        startedAt: header === null ? null : new Date(header.createdMs).toISOString(),
        doneSplits: done.length,
        rows: sum('rows'),
        scored: sum('scored'),
        rejected: sum('rejected'),
        filtered: sum('filtered'),
        written: sum('written'),
        isPublishing: entries.some((entry) => entry.kind === 'committing'),
        lostLedgerBytes: lostBytes,
        facts: header?.facts ?? {},
        replaces: header?.append === undefined ? older : null,
        addsTo: header?.append === undefined ? null : older,
      };
    }
    case 'complete': {
      const { foreign, lost, success, manifest } = state;
      return { ...common, foreign, lost, success, manifest, run };
    }
  }
}

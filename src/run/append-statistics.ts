// The statistics of a result that more than one run made: rows of every run, with its id. What a later run replaced stays in the
// history and says by which (`replaced_by`).
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type OutputLayout, type ResultFileName, resultFilePath, stagedPath } from '../commit/layout.ts';
import type { Manifest } from '../commit/manifest.ts';
import { entryAt, failureOfIo } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { sha256OfFile } from '../core/hash.ts';
import { EngineDeath } from '../engine/engine-death.ts';
import type { AppendTable, Question, ReplyTo, RowCounts } from '../engine/questions.ts';
import type { AppendWork } from './append-work.ts';
import { countsOf } from './counts-of-splits.ts';
import { NativeQuestions } from './native-questions.ts';

/** Fails with `output-damaged` unless the files beside the manifest are the ones that it names. */
export async function requireStatistics(layout: OutputLayout, work: AppendWork | null): Promise<void> {
  const lost: string[] = [];
  for (const { name, bytes, sha256 } of work?.base?.files ?? []) {
    const path = resultFilePath(layout, name);
    const entry = await entryAt(path);
    const isRight = entry.kind === 'file' && entry.bytes === bytes && (await sha256OfFile(path)) === sha256;
    if (!isRight) lost.push(join('_scoremill', name));
  }
  if (lost.length > 0) throw new FailureError({ reason: 'output-damaged', output: layout.root, lost });
}

export interface StagedStatistics {
  /** The run's own tables, staged under their names; afterwards those of all runs are. */
  readonly names: readonly ResultFileName[];
  readonly runId: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Joins the staged tables of a run with those of the result; returns the names of all, and what stays of the older splits. */
export async function appendStatistics(
  layout: OutputLayout,
  base: Manifest,
  { replaced }: AppendWork['header'],
  { names, runId, metadata }: StagedStatistics,
): Promise<{ readonly names: readonly ResultFileName[]; readonly kept: RowCounts }> {
  await requireStatistics(layout, { base } as AppendWork);
  const parts = new Set(replaced);
  const shards = base.parts
    .filter(({ name }) => parts.has(name))
    .flatMap(({ pieces }) => pieces.map(({ shard }) => base.dataset.shards[shard].path));
  const tables: readonly ResultFileName[] = [...new Set([...names, ...base.files.map(({ name }) => name)])];
  const joined = (name: ResultFileName): string => stagedPath(layout, `joined-${name}`);
  const table = (name: ResultFileName): AppendTable => ({
    base: base.files.some((file) => file.name === name) ? resultFilePath(layout, name) : null,
    more: names.includes(name) ? stagedPath(layout, name) : null,
    to: joined(name),
    baseRun: base.runId,
    by: runId,
    replaced:
      name === 'stats.parquet'
        ? { column: 'part', values: replaced }
        : name === 'rejects.parquet'
          ? { column: 'shard', values: [...new Set(shards)] }
          : null,
    metadata,
  });
  await using questions = await NativeQuestions.open();
  const { room } = questions;
  // Whatever ended the engine, this is worth a second try: every row of the night is scored.
  const ask = <Q extends Question>(question: Q): Promise<ReplyTo<Q>> =>
    questions.ask(question).catch((error: unknown) => {
      if (!(error instanceof EngineDeath)) throw error;
      return questions.askOrFail(question, 'while it joined the statistics of all runs');
    });
  await ask({ kind: 'append-tables', tables: tables.map(table), room });
  const stats = joined('stats.parquet');
  const content = await ask({ kind: 'read-statistics', stats, run: null, rejects: null, columns: null, room });
  if (content.splits === null) throw new Error(`the joined statistics cannot be read: ${content.problems.join('; ')}`);
  const splits = content.splits.filter((split) => split.replaced_by === null && split.run_id !== runId);
  for (const name of tables)
    await rename(joined(name), stagedPath(layout, name)).catch((error: unknown) => {
      throw failureOfIo('rename', joined(name), error);
    });
  return { names: tables, kept: countsOf(splits) };
}

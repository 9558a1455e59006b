// A dataset as a run would see it: its shards, what is wrong with single ones, its columns, and how it would be cut.
import { type Failure, FailureError } from '../core/failure.ts';
import type { Format, Shard, SourceColumn } from '../core/split.ts';
import type { FirstValues } from '../engine/questions.ts';
import { type CsvOptions, type Job, jobSchema } from '../job/schema.ts';
import { datasetColumns } from '../plan/dataset-columns.ts';
import { discoverShards } from '../plan/discover.ts';
import { cutSplits } from '../plan/splits.ts';
import type { ShardProfile } from '../source/source.ts';
import { crashesReader, NativeQuestions } from './native-questions.ts';

export interface InspectedShard {
  readonly shard: Shard;
  /** null when the shard cannot be read. */
  readonly profile: ShardProfile | null;
}

export interface InspectedColumn extends SourceColumn {
  /** Text formats: the type is told from the first values, and a job may declare another. */
  readonly isGuess: boolean;
  /** From a `key=value` folder. */
  readonly isFromFolder: boolean;
  /** As text; null stands for null. */
  readonly firstValues: readonly (string | null)[];
}

export interface DatasetInspection {
  readonly kind: 'dataset';
  readonly path: string;
  readonly format: Format;
  readonly shards: readonly InspectedShard[];
  /** Of the shards that can be read, as all figures below. */
  readonly rows: number;
  readonly fileBytes: number;
  readonly decodedBytes: number;
  readonly columns: readonly InspectedColumn[];
  /** Columns that not every shard has, or has in one type, one sentence each. */
  readonly differences: readonly string[];
  /** As a run with the defaults, a light model and small results would cut it. */
  readonly splits: { readonly count: number; readonly mostRows: number };
  readonly failures: readonly Failure[];
}

const gridRows = 2048;
const resultBytesPerRow = 8;
/** A model of the light kind. */
const modelBytes = 0;
const firstRows = 3;
const { rowsPerFile } = jobSchema.shape.output.parse({ path: '-' });

/** Throws a FailureError when there is no dataset at the path; shards that cannot be read are listed in the result. */
export async function inspectDataset(
  path: string,
  { format, csv }: Pick<Job['dataset'], 'format' | 'csv'>,
): Promise<DatasetInspection> {
  const shards = await shardsAt(path, format);
  await using questions = await NativeQuestions.open();
  const failures: Failure[] = [];
  const profiles = await profilesOf(shards, csv, questions, failures);
  const readable = shards.filter((shard) => profiles.has(shard));
  const known = readable.map((shard) => profiles.get(shard)!);
  const columns = known.length === 0 ? [] : datasetColumns(known, {});
  const values = await valuesOf(readable, csv, profiles, questions, failures);
  const splits = cutSplits(known, { rowsPerFile, batchRows: gridRows, resultBytesPerRow, modelBytes });
  return {
    kind: 'dataset',
    path,
    format: shards[0].format,
    shards: shards.map((shard) => ({ shard, profile: profiles.get(shard) ?? null })),
    rows: known.reduce((sum, { rows }) => sum + rows, 0),
    fileBytes: readable.reduce((sum, shard) => sum + shard.fileBytes, 0),
    decodedBytes: known.reduce((sum, { decodedBytes }) => sum + decodedBytes, 0),
    columns: columns.map(({ name, type, isGuess, samples }) => ({
      name,
      type,
      isGuess,
      isFromFolder: Object.hasOwn(shards[0].partition, name),
      firstValues: (values[name] ?? samples).slice(0, firstRows),
    })),
    differences: differencesOf(readable, known),
    splits: { count: splits.length, mostRows: Math.max(0, ...splits.map(({ rows }) => rows)) },
    failures,
  };
}

async function shardsAt(path: string, format: 'auto' | Format): Promise<readonly Shard[]> {
  try {
    return await discoverShards({ paths: [path], format });
  } catch (error) {
    const [failure] = error instanceof FailureError ? error.failures : [];
    if (failure?.reason !== 'format-unknown') throw error;
    const files = failure.names.slice(0, 3).join(', ');
    throw new FailureError({
      reason: 'path-unknown',
      path,
      message: `no file here has a suffix that tells its format (${files})`,
    });
  }
}

/** Profiles of the shards that can be read; what keeps others from it goes to `failures`, in the order of the shards. */
async function profilesOf(
  shards: readonly Shard[],
  csv: CsvOptions,
  questions: NativeQuestions,
  failures: Failure[],
): Promise<ReadonlyMap<Shard, ShardProfile>> {
  const profiled = await questions.askOfAll<Shard, ShardProfile | readonly Failure[]>(
    shards,
    (some) => profileSome(some, csv, questions),
    (shard, cause) => [crashesReader(shard.path, cause)],
  );
  const profiles = new Map<Shard, ShardProfile>();
  for (const [i, one] of profiled.entries()) {
    if ('columns' in one) profiles.set(shards[i], one);
    else failures.push(...one);
  }
  return profiles;
}

/** Reading stops at what is wrong with some shards; the others are read again without them. */
async function profileSome(
  shards: readonly Shard[],
  csv: CsvOptions,
  questions: NativeQuestions,
): Promise<readonly (ShardProfile | readonly Failure[])[]> {
  const failed = new Map<Shard, Failure[]>();
  for (;;) {
    const rest = shards.filter((shard) => !failed.has(shard));
    if (rest.length === 0) return shards.map((shard) => failed.get(shard)!);
    try {
      const profiles = await questions.ask({
        kind: 'profile-shards',
        shards: rest,
        csv,
        gridRows,
        room: questions.room,
      });
      const profileOf = new Map(rest.map((shard, i) => [shard, profiles[i]]));
      return shards.map((shard) => profileOf.get(shard) ?? failed.get(shard)!);
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      const before = failed.size;
      for (const failure of error.failures) {
        const shard = rest.find(({ path }) => 'path' in failure && failure.path === path);
        if (shard !== undefined) failed.set(shard, [...(failed.get(shard) ?? []), failure]);
      }
      if (failed.size === before) throw error;
    }
  }
}

/** The first values of typed formats; text formats have theirs in their profiles. */
async function valuesOf(
  shards: readonly Shard[],
  csv: CsvOptions,
  profiles: ReadonlyMap<Shard, ShardProfile>,
  questions: NativeQuestions,
  failures: Failure[],
): Promise<FirstValues> {
  const shard = shards.find((one) => profiles.get(one)!.rows > 0);
  const profile = shard && profiles.get(shard);
  if (shard === undefined || profile === undefined || profile.samples !== undefined) return {};
  try {
    const when = `while it read the first rows of ${shard.path}`;
    return await questions.askOrFail(
      { kind: 'first-values', shard, csv, profile, rows: firstRows, room: questions.room },
      when,
    );
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    failures.push(...error.failures);
    return {};
  }
}

function differencesOf(shards: readonly Shard[], profiles: readonly ShardProfile[]): readonly string[] {
  const [first] = profiles;
  return profiles.slice(1).flatMap(({ columns, samples }, i) => {
    const { path } = shards[i + 1];
    const types = new Map(columns.map(({ name, type }) => [name, type]));
    const known = new Set(first.columns.map(({ name }) => name));
    return [
      ...first.columns.flatMap(({ name, type }) => {
        const found = types.get(name);
        if (found === undefined) return [`${path} has no column "${name}"`];
        return samples !== undefined || found === type
          ? []
          : [`${path} has column "${name}" as ${found}, the first shard as ${type}`];
      }),
      ...columns
        .filter(({ name }) => !known.has(name))
        .map(({ name }) => `${path} has a column "${name}" that the first shard has not`),
    ];
  });
}

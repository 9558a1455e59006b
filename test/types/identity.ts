// Models that give back what they are fed, one for each element type, and shards of every format for them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dtype } from '../../src/core/dtype.ts';
import type { Format } from '../../src/core/split.ts';
import { quoteText } from '../../src/core/sql.ts';
import { readModel } from '../../src/model/model-file.ts';
import { openSession } from '../../src/model/session.ts';
import { buildModel, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { type ScoredShard, scoreShard, type Workbench } from './score-shard.ts';

/** TensorProto.DataType */
const elementTypes: Readonly<Record<Dtype, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
};

export interface Shard {
  readonly format: Format;
  /** The file itself; for Parquet, the query whose rows it holds. */
  readonly content: string | Uint8Array;
}

export interface IdentityRequest {
  readonly dtype: Dtype;
  /** The shape of one row as the model declares it; empty for single values. */
  readonly rowShape?: readonly (number | null)[];
  readonly shard: Shard;
  readonly job?: Readonly<Record<string, unknown>>;
}

/** Scores a shard with the model y = x. */
export async function scoreIdentity(
  bench: Workbench,
  { dtype, rowShape = [], shard, job = {} }: IdentityRequest,
): Promise<ScoredShard> {
  const { folder, reading } = bench;
  const modelPath = join(folder, 'identity.onnx');
  const type = tensorOf(elementTypes[dtype], null, ...rowShape);
  writeFileSync(
    modelPath,
    buildModel({ graph: [node('Identity', ['x'], ['y']), input('x', type), output('y', type)] }),
  );
  const path = join(folder, `shard.${shard.format}`);
  if (shard.format === 'parquet') await reading.run(`COPY (${shard.content}) TO ${quoteText(path)} (FORMAT parquet)`);
  else writeFileSync(path, shard.content);
  const model = await readModel(modelPath);
  await using session = await openSession(model, { threads: 1 });
  return await scoreShard(bench, { path, format: shard.format, model, session, job });
}

/** A cell as plain values: lists of any kind as arrays. */
export function plain(cell: unknown): unknown {
  const { items } = (cell ?? {}) as { readonly items?: readonly unknown[] };
  return items === undefined ? cell : items.map(plain);
}

/** The column y of the part. */
export const results = ({ rows }: ScoredShard): readonly unknown[] => rows.map(({ y }) => plain(y));

/** Reason and message of each reject, by its row. */
export const rejected = ({ rejects }: ScoredShard): Readonly<Record<number, string>> =>
  Object.fromEntries(rejects.map(({ row, reason, message }) => [row, `${reason}: ${message}`]));

// Small pictures made pixel by pixel, and what becomes of them.
import sharp, { type Sharp } from 'sharp';
import type { Dtype } from '../../src/core/dtype.ts';
import type { RawValue } from '../../src/core/preparer.ts';
import { ImagePreparer } from '../../src/image/image-preparer.ts';
import { planImage } from '../../src/image/plan-image.ts';
import type { ImageSpec } from '../../src/job/image-schema.ts';

/** Rows of pixels, each with its channels. */
export type Rows = readonly (readonly (readonly number[])[])[];

/** Not encoded yet. */
export function picture(rows: Rows): Sharp {
  const [width, channels] = [rows[0].length, rows[0][0].length as 1 | 2 | 3 | 4];
  return sharp(Buffer.from(rows.flat(2)), { raw: { width, height: rows.length, channels } });
}

/** Without loss. */
export const png = (rows: Rows): Promise<Buffer> => picture(rows).png().toBuffer();

/** Of one color. */
export const plain = (width: number, height: number, color: readonly number[]): Rows =>
  Array.from({ length: height }, () => Array.from({ length: width }, () => color));

export interface ImageInput {
  readonly spec: ImageSpec;
  readonly shape?: readonly (number | string | null)[];
  readonly dtype?: Dtype;
  readonly config?: unknown;
  readonly folders?: readonly string[];
}

/** The problems of an image input, or its shape and plan. */
export const planOf = ({ spec, shape = ['N', 3, 'H', 'W'], dtype = 'float32', config, folders = [] }: ImageInput) =>
  planImage({
    spec,
    shape,
    dtype,
    folders,
    config: config === undefined ? null : { path: 'preprocessor_config.json', text: JSON.stringify(config) },
  });

export function problemsOf(input: ImageInput): readonly string[] {
  const planned = planOf(input);
  return 'problems' in planned ? planned.problems : [];
}

/** What each value becomes: its tensor as plain numbers with its shape, or `reason: message`. */
export async function prepared(input: ImageInput, values: readonly RawValue[], shardPath = '/data/a.parquet') {
  const planned = planOf(input);
  if ('problems' in planned) throw new Error(planned.problems.join('\n'));
  const preparer = await ImagePreparer.open(planned.plan, [{ rowShape: planned.rowShape }]);
  const rows = await preparer.prepare(values.map((value) => ({ values: [value], shardPath })));
  return rows.map((row) =>
    'reason' in row ? `${row.reason}: ${row.message}` : { shape: row[0].shape, values: [...row[0].values].map(Number) },
  );
}

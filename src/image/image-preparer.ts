// Makes the tensors of images: a few at a time are read and decoded by libvips' threads while this one resizes and normalises
// those that are ready.
import type { NumberArray } from '../core/duckdb-vectors.ts';
import type { PreparedRow, Preparer, RawRow } from '../core/preparer.ts';
import { decodeImage } from './decode-image.ts';
import { imageBytes } from './image-bytes.ts';
import type { ImagePlan } from './image-plan.ts';
import { tensorOf, valueTables } from './pixel-values.ts';
import { placeImage } from './place-image.ts';
import { isRefused, refused } from './refused-row.ts';
import { type Pixels, resample } from './resample.ts';

/** Images in flight in one worker: one is decoded while another is resized. */
const mostInFlight = 2;

export class ImagePreparer implements Preparer {
  readonly #plan: ImagePlan;
  readonly #tables: readonly NumberArray[];
  /** The size that the model wants, where it is fixed. */
  readonly #shape: readonly (number | null)[];

  private constructor(plan: ImagePlan, shape: readonly (number | null)[]) {
    this.#plan = plan;
    this.#tables = valueTables(plan);
    this.#shape = shape;
  }

  static async open(
    plan: ImagePlan,
    [{ rowShape }]: readonly { rowShape: readonly (number | null)[] }[],
  ): Promise<Preparer> {
    return new ImagePreparer(plan, rowShape);
  }

  async prepare(rows: readonly RawRow[]): Promise<readonly PreparedRow[]> {
    const prepared = new Array<PreparedRow>(rows.length);
    let next = 0;
    const prepareOnes = async (): Promise<void> => {
      for (let row = next++; row < rows.length; row = next++) prepared[row] = await this.#prepareOne(rows[row]);
    };
    await Promise.all(Array.from({ length: Math.min(mostInFlight, rows.length) }, prepareOnes));
    return prepared;
  }

  async #prepareOne({ values: [value], shardPath }: RawRow): Promise<PreparedRow> {
    const plan = this.#plan;
    const bytes = await imageBytes(value, shardPath, plan);
    if (isRefused(bytes)) return bytes;
    const decoded = await decodeImage(bytes, plan);
    if (isRefused(decoded)) return decoded;
    const placement = placeImage(decoded, plan);
    const { canvas } = placement;
    if (canvas.height * canvas.width > plan.maxPixels) {
      return refused('image-too-large', `resized, it would have ${canvas.width} x ${canvas.height} pixels`);
    }
    const shape = shapeOf(plan, canvas);
    if (this.#shape.some((size, axis) => size !== null && size !== shape[axis])) {
      const [height, width] = this.#shape.slice(plan.layout === 'chw' ? 1 : 0).map((size) => size ?? 'any');
      const message = `${canvas.width} x ${canvas.height} pixels; the model takes ${width} x ${height}: let images be resized (image: { fit: ... })`;
      return refused('image-size', message);
    }
    const { kernel, antialias } = plan;
    const { scaled: size, part, left, top } = placement;
    const resized = resample(decoded, { size, part, kernel, antialias });
    const placed =
      part.height === canvas.height && part.width === canvas.width ? resized : this.#pad(resized, canvas, left, top);
    return [{ values: tensorOf(placed, plan, this.#tables), shape }];
  }

  #pad(image: Pixels, { height, width }: { height: number; width: number }, left: number, top: number): Pixels {
    const { channels } = image;
    const data = new Uint8Array(height * width * channels);
    const color = channels === 1 ? [this.#plan.padding[0]] : this.#plan.padding;
    for (let place = 0; place < data.length; place++) data[place] = color[place % channels];
    const line = image.width * channels;
    for (let y = 0; y < image.height; y++) {
      data.set(image.data.subarray(y * line, (y + 1) * line), ((top + y) * width + left) * channels);
    }
    return { height, width, channels, data };
  }
}

function shapeOf(
  { layout, channels }: ImagePlan,
  { height, width }: { height: number; width: number },
): readonly number[] {
  const count = channels === 'grayscale' ? 1 : 3;
  if (layout === 'hw') return [height, width];
  return layout === 'chw' ? [count, height, width] : [height, width, count];
}

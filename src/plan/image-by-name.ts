// Binding images by name: one input of the shape of images and one column that can hold nothing but images belong together.
// How pixels become numbers is never guessed: the model's own preprocessor_config.json says it, or the job must.
import type { Failure } from '../core/failure.ts';
import { imageAxes } from '../image/image-axes.ts';
import { imagePresets } from '../image/image-presets.ts';
import type { Job } from '../job/schema.ts';
import type { ModelInput, Signature } from '../model/signature.ts';
import type { DatasetColumn } from './dataset-columns.ts';

/** As the `datasets` library of Hugging Face stores an image. */
export const imageStruct = /^STRUCT\("?bytes"? BLOB, "?path"? VARCHAR\)$/i;

const imagePath = /\.(jpe?g|png|webp|gif|tiff?|avif)$/i;

interface ImageRequest {
  readonly signature: Signature;
  readonly job: Job;
  readonly columns: readonly DatasetColumn[];
  /** The model's preprocessor_config.json, where it has one. */
  readonly preprocessorPath: string | null;
}

/** The input and its column, or why they are not bound; null when there are no images to bind. */
export function imageByName({
  signature,
  job,
  columns,
  preprocessorPath,
}: ImageRequest): { readonly input: ModelInput; readonly column: string } | Failure | null {
  const [input, ...others] = signature.inputs.filter(({ optional }) => !optional);
  if (input === undefined || others.length > 0 || !takesImages(input)) return null;
  const candidates = columns.filter((column) => !job.keep?.includes(column.name) && holdsImages(column));
  const column = candidates.find(({ name }) => name === input.name) ?? candidates[0];
  if (column === undefined || (candidates.length > 1 && column.name !== input.name)) return null;
  if (preprocessorPath !== null) return { input, column: column.name };
  const entry = `inputs: { ${input.name}: { column: ${column.name}, image: imagenet } }`;
  const isRaw = input.dtype === 'uint8' && column.type === 'BLOB';
  const raw = isRaw ? `; bytes that are pixels already are bound by inputs: { ${input.name}: ${column.name} }` : '';
  const message = `column "${column.name}" holds images, and nothing says how pixels become the model's numbers; name the preset that it was trained with in the job, such as ${entry} (presets: ${Object.keys(imagePresets).join(', ')}), or put its preprocessor_config.json beside the model${raw}`;
  return { reason: 'image-settings', input: input.name, message };
}

const takesImages = ({ dtype, shape }: ModelInput): boolean =>
  dtype !== 'string' && dtype !== 'bool' && typeof imageAxes(shape, 'auto') !== 'string';

function holdsImages({ type, samples }: DatasetColumn): boolean {
  if (type === 'BLOB' || imageStruct.test(type)) return true;
  const texts = samples.filter((text) => text !== null);
  return (
    type === 'VARCHAR' && texts.length > 0 && texts.every((text) => imagePath.test(text) || /^data:image\//i.test(text))
  );
}

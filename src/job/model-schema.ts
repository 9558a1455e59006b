// The part of the job file's schema that says which model is meant.
import * as z from 'zod';

/** A file, or a folder and which of its models. */
export const model = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .describe(
        'An .onnx file, or a folder: TensorFlow Serving, Triton, MLflow or Hugging Face layout, or one that holds a single .onnx file.',
      ),
    version: z
      .union([z.literal('latest'), z.int().nonnegative()], 'must be "latest" or a whole number')
      .default('latest')
      .describe('Which version, where the folder holds several. latest: the one with the highest number.'),
    variant: z
      .string()
      .regex(/^[\w.-]+$/, 'must have only letters, digits, dots, hyphens and underscores')
      .optional()
      .describe(
        'Which variant, where the folder holds several: int8 means model_int8.onnx. Default: the plain model.onnx.',
      ),
    rebuild: z
      .enum(['auto', 'never'])
      .default('auto')
      .describe(
        'auto: a model that takes a fixed number of rows a call is rebuilt to take any number where that is safe and the first rows get the same results; never: it is called as it is.',
      ),
  })
  .describe('The ONNX model.');

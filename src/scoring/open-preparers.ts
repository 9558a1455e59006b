// Who makes the tensors of prepared inputs; the libraries for it are loaded when a job needs them.
import type { Preparer } from '../core/preparer.ts';
import type { Preparation } from './binding.ts';

/** One preparer for each preparation, for a thread's whole life. */
export function openPreparers(preparations: readonly Preparation[]): Promise<readonly Preparer[]> {
  return Promise.all(
    preparations.map(async ({ plan, inputs }): Promise<Preparer> => {
      if (plan.kind === 'image') {
        const { ImagePreparer } = await import('../image/image-preparer.ts');
        return ImagePreparer.open(plan, inputs);
      }
      const { TextPreparer } = await import('../text/text-preparer.ts');
      return TextPreparer.open(plan, inputs);
    }),
  );
}

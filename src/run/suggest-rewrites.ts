// What a run may change in a model once its first rows show that nothing is lost by it: said before there are rows.
import { FailureError } from '../core/failure.ts';
import { type Model, readModel } from '../model/model-file.ts';
import { suggestedInputAxes } from '../plan/find-row-axes.ts';

/** The changes that a run will try on its first rows, and why a fixed batch stays fixed; one sentence each. */
export async function suggestRewrites({ identity, folder, signature }: Model): Promise<readonly string[]> {
  const moved = Object.entries(suggestedInputAxes(signature, [])).map(
    ([name, axis]) =>
      `input "${name}" may have its rows on axis ${axis}: a run tries that on its first rows, and moves them`,
  );
  if (moved.length > 0) return moved;
  const required = signature.inputs.filter(({ optional }) => !optional);
  const [rows] = required[0].shape;
  const isFixed = typeof rows === 'number' && rows > 0 && required.every(({ shape }) => shape[0] === rows);
  if (!isFixed) return [];
  const said = `fixed batch of ${rows === 1 ? 'one row' : `${rows} rows`}`;
  try {
    const inputs = required.map(({ name }) => name);
    await readModel(identity.path, { identity, folder, rewrite: { openBatch: { rows, inputs } } });
    return [`${said} can be opened: a run does it when its first rows get the same results (model.rebuild)`];
  } catch (error) {
    const failure = error instanceof FailureError ? error.failures[0] : undefined;
    if (failure?.reason !== 'model-batch-fixed') throw error;
    return [`${said} stays fixed: ${failure.why}`];
  }
}

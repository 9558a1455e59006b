// A model as its file describes it, and whether the runtime takes it: the one part that needs native code.
import { type Failure, FailureError } from '../core/failure.ts';
import { identifyModel, type Model, readModel } from '../model/model-file.ts';
import { filesOfFolder, readModelFolder } from '../model/model-folder.ts';
import { NativeQuestions } from './native-questions.ts';
import { type SuggestedInput, suggestBinding } from './suggest-binding.ts';
import { type SuggestedResult, suggestResults } from './suggest-results.ts';
import { suggestRewrites } from './suggest-rewrites.ts';

export interface ModelInspection
  extends Pick<
    Model,
    | 'identity'
    | 'signature'
    | 'folder'
    | 'adaptations'
    | 'opsets'
    | 'irVersion'
    | 'producer'
    | 'operators'
    | 'parameters'
    | 'metadata'
  > {
  readonly kind: 'model';
  readonly binding: readonly SuggestedInput[];
  readonly results: readonly SuggestedResult[];
  /** What a run tries on its first rows. */
  readonly trials: readonly string[];
  /** How long the runtime took to load it; null when it refused. */
  readonly loadMs: number | null;
  /** Why the runtime refused. */
  readonly failures: readonly Failure[];
}

/** `folderPath` is the path that was given, `path` the file it means. Throws a FailureError when it cannot even be described. */
export async function inspectModel(path: string, folderPath: string): Promise<ModelInspection> {
  const folder = await readModelFolder(folderPath, path);
  const identity = await identifyModel(path, filesOfFolder(folder));
  const model = await readModel(path, { identity, folder });
  const { signature, adaptations, opsets, irVersion, producer, operators, parameters, metadata } = model;
  const tried = await tryModel(path);
  return {
    kind: 'model',
    identity,
    signature,
    folder,
    adaptations,
    opsets,
    irVersion,
    producer,
    operators,
    parameters,
    metadata,
    binding: suggestBinding(signature, folder.tokenizerPath !== null),
    results: suggestResults(signature),
    trials: await suggestRewrites(model),
    ...tried,
  };
}

async function tryModel(path: string): Promise<Pick<ModelInspection, 'loadMs' | 'failures'>> {
  await using questions = await NativeQuestions.open();
  try {
    const { loadMs } = await questions.askOrFail({ kind: 'try-model', path }, 'while it loaded the model');
    return { loadMs, failures: [] };
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    return { loadMs: null, failures: error.failures };
  }
}

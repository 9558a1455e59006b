// A model as its file describes it, and whether the runtime takes it: the one part that needs native code.
import { type Failure, FailureError } from '../core/failure.ts';
import { type Model, readModel } from '../model/model-file.ts';
import { NativeQuestions } from './native-questions.ts';
import { type SuggestedInput, suggestBinding } from './suggest-binding.ts';

export interface ModelInspection
  extends Pick<
    Model,
    | 'identity'
    | 'signature'
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
  /** How long the runtime took to load it; null when it refused. */
  readonly loadMs: number | null;
  /** Why the runtime refused. */
  readonly failures: readonly Failure[];
}

/** Throws a FailureError when the file cannot even be described. */
export async function inspectModel(path: string): Promise<ModelInspection> {
  const { identity, signature, adaptations, opsets, irVersion, producer, operators, parameters, metadata } =
    await readModel(path);
  const tried = await tryModel(path);
  return {
    kind: 'model',
    identity,
    signature,
    adaptations,
    opsets,
    irVersion,
    producer,
    operators,
    parameters,
    metadata,
    binding: suggestBinding(signature),
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

// Which tensors a model takes. Inputs with a default inside the model are optional, and the runtime ignores what is fed to
// them; so the default of an input that is to be fed is taken out of the graph, which makes it an ordinary input.
import type { Failure } from '../core/failure.ts';
import type { OnnxModel } from './onnx.ts';
import { describeType, dtypeOf, type ModelInput, shapeOf } from './signature.ts';

export interface AdaptedInputs {
  readonly inputs: readonly ModelInput[];
  readonly removedInitializers: ReadonlySet<number>;
  readonly adaptations: readonly string[];
  readonly failures: readonly Failure[];
}

// Before IR version 4 every initializer had to be listed as an input, and none can be overridden.
const firstIrVersionWithDefaults = 4;

const advices = {
  tensor:
    'the runtime takes tensors of float, double, float16, integers of 8 to 64 bits, bool and string: convert the model to one of them',
  other: 'the runtime takes tensors only: export the model with tensor inputs, one row of features each',
};

/** Decides on each graph input; `fed` names the optional inputs that will be fed. */
export function adaptInputs(path: string, model: OnnxModel, fed: readonly string[]): AdaptedInputs {
  const inputs: ModelInput[] = [];
  const removedInitializers = new Set<number>();
  const adaptations: string[] = [];
  const failures: Failure[] = [];
  const initializers = new Map((model.graph?.initializer ?? []).map(({ name = '' }, i) => [name, i]));
  const hasDefaults = (model.irVersion?.toNumber() ?? 0) >= firstIrVersionWithDefaults;
  for (const { name = '', type } of model.graph?.input ?? []) {
    const initializer = initializers.get(name);
    if (initializer !== undefined && !hasDefaults) continue;
    const optional = initializer !== undefined && !fed.includes(name);
    const dtype = dtypeOf(type);
    if (dtype === undefined) {
      const advice = type?.tensorType ? advices.tensor : advices.other;
      if (!optional) failures.push({ reason: 'model-input-type', path, input: name, type: describeType(type), advice });
      continue;
    }
    inputs.push({ name, dtype, shape: shapeOf(type) ?? [], optional });
    if (initializer !== undefined && !optional) {
      removedInitializers.add(initializer);
      adaptations.push(`default of input "${name}" removed, because it is fed`);
    }
  }
  const required = failures.length > 0 || inputs.some(({ optional }) => !optional);
  if (!required) failures.push({ reason: 'model-no-inputs', path });
  return { inputs, removedInitializers, adaptations, failures };
}

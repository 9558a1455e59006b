// A model's signature together with what its folder says: class labels go to the outputs that they fit, the columns that the
// model was trained on become its feature names, and a folder that describes another model is refused.
import type { Failure } from '../core/failure.ts';
import { listed } from '../core/failures/failure-kind.ts';
import { contradictionsOf } from './check-folder.ts';
import type { ClassLabels } from './class-labels.ts';
import type { Mlmodel } from './mlmodel.ts';
import type { ModelFolder } from './model-folder.ts';
import type { ModelOutput, Signature } from './signature.ts';

export interface AppliedFolder {
  readonly signature: Signature;
  /** What was taken over or left out, one sentence each. */
  readonly notes: readonly string[];
  readonly failures: readonly Failure[];
}

/** A thousand classes of an image model are one list, not a thousand columns. */
const mostLabelColumns = 100;

/** Lays what a folder says over a signature; with `failures` it is as it was. */
export function applyFolder(signature: Signature, folder: ModelFolder): AppliedFolder {
  const { mlflow } = folder;
  const failures = contradictionsOf(signature, folder);
  if (failures.length > 0) return { signature, notes: [], failures };
  const notes: string[] = [];
  const outputs = signature.outputs.map((output): ModelOutput => {
    const given = labelsFor(output, folder);
    if (given === null) return output;
    const fit = fitOf(output, given);
    if (fit !== null) notes.push(`labels of output "${output.name}" left out: ${fit}`);
    else notes.push(`labels of output "${output.name}" from ${given.path}: ${listed(given.labels)}`);
    if (fit !== null) return output;
    return { ...output, labels: given.labels, ...(given.labels.length > mostLabelColumns && { isWide: true }) };
  });
  const featureNames = featureNamesOf(signature, mlflow);
  if (featureNames !== undefined) notes.push(`features from ${mlflow?.path}: ${listed(featureNames)}`);
  const named = featureNames ?? signature.featureNames;
  return { signature: { inputs: signature.inputs, outputs, ...(named && { featureNames: named }) }, notes, failures };
}

/** The labels that the folder means for an output. A config.json means the one output that has scores of classes. */
function labelsFor(
  { name, shape, labels }: ModelOutput,
  { labels: byOutput, classLabels }: ModelFolder,
): ClassLabels | null {
  if (labels !== undefined) return null;
  if (Object.hasOwn(byOutput, name)) return byOutput[name];
  if (classLabels === null || shape?.length !== 2) return null;
  const classes = shape[1];
  return classes === classLabels.labels.length || name === 'logits' ? classLabels : null;
}

/** Why labels do not fit an output; null when they do, or when only running the model can tell. */
function fitOf({ shape }: ModelOutput, { path, labels }: ClassLabels): string | null {
  const sizes = (shape ?? []).slice(1);
  if (shape === null || !sizes.every((size) => typeof size === 'number')) return null;
  const values = sizes.reduce((product, size) => product * size, 1);
  return values === labels.length ? null : `${path} lists ${labels.length} and a row has ${values} values`;
}

/** The names of the columns that feed the one input of a model, in their order. */
function featureNamesOf({ inputs }: Signature, mlflow: Mlmodel | null): readonly string[] | undefined {
  const columns = mlflow?.inputs ?? [];
  const isNamed = columns.length > 1 && columns.every(({ name, shape }) => name !== null && shape === null);
  const required = inputs.filter(({ optional }) => !optional);
  return isNamed && required.length === 1 ? columns.map(({ name }) => name!) : undefined;
}

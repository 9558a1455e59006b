// Which columns and expressions feed which model input: as the job says, or by name alone when it says nothing.
import { nearest } from '../core/edit-distance.ts';
import type { Failure } from '../core/failure.ts';
import type { InputSpec } from '../job/input-schema.ts';
import type { Job } from '../job/schema.ts';
import type { ModelFolder } from '../model/model-folder.ts';
import type { ModelInput, Signature } from '../model/signature.ts';
import { type DatasetColumn, isNumeric, nestedType } from './dataset-columns.ts';
import { columnFeature, type Feature, type FeatureRequest, featuresOf } from './features.ts';
import { imageByName } from './image-by-name.ts';
import { likelyFeatures } from './likely-features.ts';
import { textByName, textSibling } from './text-by-name.ts';

export interface ResolvedInput {
  readonly input: ModelInput;
  readonly spec: InputSpec;
  readonly features: readonly Feature[];
}

export interface ResolveRequest extends FeatureRequest {
  readonly signature: Signature;
  readonly job: Job;
  /** The files that preprocessing is described in. */
  readonly folder: Pick<ModelFolder, 'tokenizerPath' | 'tokenizerConfigPath' | 'preprocessorPath'>;
}

export interface ResolvedInputs {
  readonly inputs: readonly ResolvedInput[];
  readonly failures: readonly Failure[];
}

/** The features of every bound input, in the model's order, and everything that is wrong with them. */
export async function resolveInputs(request: ResolveRequest): Promise<ResolvedInputs> {
  const { signature, job, columns } = request;
  if (job.inputs === undefined) {
    const { tokenizerPath } = request.folder;
    return textByName({ signature, job, columns, tokenizerPath }) ?? bindByName(request);
  }
  const known = signature.inputs.map(({ name }) => name);
  const failures: Failure[] = Object.keys(job.inputs)
    .filter((name) => !known.includes(name))
    .map((name) => ({ reason: 'input-unknown', input: name, known, suggestion: nearest(name, known) }));
  const inputs: ResolvedInput[] = [];
  for (const input of signature.inputs) {
    const spec = job.inputs[input.name];
    if (spec !== undefined) {
      const found = await featuresOfSpec(input, spec, request);
      failures.push(...found.failures);
      inputs.push({ input, spec, features: found.features });
    } else if (!input.optional) {
      const sibling = textSibling(input, job);
      if (columns.some(({ name }) => name === input.name)) inputs.push(boundTo(input, [input.name]));
      else if (sibling === null) failures.push(unbound(input, request));
      else inputs.push({ input, spec: sibling, features: (await featuresOfSpec(input, sibling, request)).features });
    }
  }
  return { inputs, failures };
}

async function featuresOfSpec(input: ModelInput, spec: InputSpec, request: ResolveRequest) {
  const texts = spec.columns ?? (spec.column === undefined ? [] : [spec.column]);
  const features: Feature[] = [];
  const failures: Failure[] = [];
  for (const text of texts) {
    const found = await featuresOf(text, `inputs.${input.name}`, request);
    features.push(...found.features);
    failures.push(...found.failures);
  }
  return { features, failures };
}

const boundTo = (input: ModelInput, columns: readonly string[]): ResolvedInput => ({
  input,
  spec: {},
  features: columns.map(columnFeature),
});

const unbound = (input: ModelInput, { columns }: ResolveRequest): Failure => ({
  reason: 'input-unbound',
  input: input.name,
  known: columns.map(({ name }) => name),
});

/**
 * Binding by name: one input and one column of images; or every input has a column of its name; or one input whose features the model's metadata names; or one input
 * for which exactly as many columns of its kind are left as it takes. Anything else would be a guess and is refused.
 */
function bindByName(request: ResolveRequest): ResolvedInputs {
  const { signature, job, columns, folder } = request;
  const image = imageByName({ signature, job, columns, preprocessorPath: folder.preprocessorPath });
  if (image !== null) {
    if ('reason' in image) return { inputs: [], failures: [image] };
    return { inputs: [{ ...boundTo(image.input, [image.column]), spec: { image: {} } }], failures: [] };
  }
  const required = signature.inputs.filter(({ optional }) => !optional);
  const names = new Set(columns.map(({ name }) => name));
  const nameless = required.filter(({ name }) => !names.has(name));
  if (nameless.length === 0) return { inputs: required.map((input) => boundTo(input, [input.name])), failures: [] };
  if (required.length !== 1) return { inputs: [], failures: nameless.map((input) => unbound(input, request)) };
  const [input] = required;
  const { featureNames } = signature;
  if (featureNames?.every((name) => names.has(name))) return { inputs: [boundTo(input, featureNames)], failures: [] };
  const kept = new Set(job.keep ?? []);
  const others = columns.filter(({ name }) => !kept.has(name));
  const lists = others.filter(({ type }) => nestedType(type).sizes.length > 0).map(({ name }) => name);
  const wanted = valuesPerRow(input);
  const isEnough = (count: number): boolean =>
    // Where the model leaves the number open, what is kept says that the rest is meant.
    wanted === null ? job.keep !== undefined && count > 0 : count === wanted;
  const ofKind = others.filter((column) => isOfKind(column, input)).map(({ name }) => name);
  if (isEnough(ofKind.length)) return { inputs: [boundTo(input, ofKind)], failures: [] };
  // Text formats deliver any of their columns as text; those that look like text come first.
  const asText = others.filter((column) => canBeText(column, input)).map(({ name }) => name);
  if (isEnough(asText.length)) return { inputs: [boundTo(input, asText)], failures: [] };
  const candidates = asText.length > ofKind.length ? asText : ofKind;
  const isOnlyTheList = wanted === null ? candidates.length === 0 : wanted > 1;
  if (lists.length === 1 && isOnlyTheList) return { inputs: [boundTo(input, lists)], failures: [] };
  const kind = input.dtype === 'string' ? 'text' : 'numeric';
  const { feed, keep } = likelyFeatures(candidates, wanted);
  const facts = { input: input.name, kind, wanted, columns: candidates, kept: [...kept], feed, keep } as const;
  return { inputs: [], failures: [{ reason: 'columns-by-name', ...facts }] };
}

const isOfKind = ({ type }: DatasetColumn, { dtype }: ModelInput): boolean =>
  dtype === 'string' ? type === 'VARCHAR' : isNumeric(type);

const canBeText = ({ type, isGuess }: DatasetColumn, { dtype }: ModelInput): boolean =>
  dtype === 'string' && (type === 'VARCHAR' || (isGuess && nestedType(type).sizes.length === 0));

/** Values of one row that a signature declares, a first axis that is open or 1 being the rows; null where it leaves them open. */
function valuesPerRow({ shape }: ModelInput): number | null {
  const rowSizes = typeof shape[0] === 'number' && shape[0] > 1 && shape.length === 1 ? shape : shape.slice(1);
  return rowSizes.every((size) => typeof size === 'number')
    ? rowSizes.reduce((product, size) => product * size, 1)
    : null;
}

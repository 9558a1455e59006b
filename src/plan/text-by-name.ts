// Binding text by name: a model that takes tokens, the tokenizer beside it and the one text column belong together; and
// inputs that are recognisably parts of a tokenisation are fed with the one that the job names.
import type { Failure } from '../core/failure.ts';
import type { InputSpec } from '../job/input-schema.ts';
import type { Job } from '../job/schema.ts';
import type { ModelInput, Signature } from '../model/signature.ts';
import { partNamed } from '../text/token-parts.ts';
import type { DatasetColumn } from './dataset-columns.ts';
import { columnFeature, type Feature } from './features.ts';

export interface TextNames {
  readonly signature: Signature;
  readonly job: Job;
  readonly columns: readonly DatasetColumn[];
  /** null: none lies beside the model. */
  readonly tokenizerPath: string | null;
}

export interface NamedText {
  readonly inputs: readonly {
    readonly input: ModelInput;
    readonly spec: InputSpec;
    readonly features: readonly Feature[];
  }[];
  readonly failures: readonly Failure[];
}

/** The binding, or why it is none; null when the model does not take tokens, or the data has them as lists. */
export function textByName({ signature, job, columns, tokenizerPath }: TextNames): NamedText | null {
  const required = signature.inputs.filter(({ optional }) => !optional);
  const named = required.map(({ name }) => partNamed(name));
  const ids = required.find((input, index) => named[index]?.part === 'ids' && /^int(32|64)$/.test(input.dtype));
  const isOneTokenisation = named.every((one) => one !== null && one.group === named[0]?.group);
  if (ids === undefined || !isOneTokenisation) return null;
  if (required.some(({ name }) => columns.some((column) => column.name === name))) return null;
  const texts = columns.filter(({ name, type }) => type === 'VARCHAR' && !job.keep?.includes(name));
  if (texts.length === 0) return null;
  if (texts.length === 1 && tokenizerPath !== null) {
    const feature = columnFeature(texts[0].name);
    return { inputs: required.map((input) => ({ input, spec: { text: {} }, features: [feature] })), failures: [] };
  }
  const names = texts.map(({ name }) => name);
  const settings = tokenizerPath === null ? '{ tokenizer: path/to/tokenizer.json }' : 'auto';
  const entry = `inputs: { ${ids.name}: { column: ${names[0]}, text: ${settings} } }`;
  const which =
    texts.length === 1
      ? `no tokenizer.json lies beside the model to make them of column "${names[0]}"`
      : `which column holds the text cannot be told (${names.join(', ')})`;
  const message = `the model takes tokens (${required.map(({ name }) => name).join(', ')}), and ${which}; say it in the job, such as ${entry}`;
  const failure: Failure = { reason: 'text-settings', input: ids.name, message };
  return { inputs: [], failures: [failure] };
}

/** What feeds an input that the job does not name: the text of the input whose tokens it takes a part of; null for none. */
export function textSibling({ name }: ModelInput, { inputs = {} }: Job): InputSpec | null {
  const named = partNamed(name);
  if (named === null) return null;
  const texts = Object.entries(inputs).filter(([, { text }]) => text !== undefined);
  const found =
    texts.find(([other]) => partNamed(other)?.group === named.group) ??
    (texts.length === 1 && partNamed(texts[0][0]) === null ? texts[0] : undefined);
  if (found === undefined) return null;
  const [, spec] = found;
  return { ...spec, text: { ...spec.text, part: named.part } };
}

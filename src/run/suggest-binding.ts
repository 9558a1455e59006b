// Which columns a model would take by its signature alone: the rules of binding by name, told before there is any data.
import type { ModelInput, ModelOutput, Signature } from '../model/signature.ts';
import { partNamed } from '../text/token-parts.ts';

export interface SuggestedInput {
  readonly input: string;
  /** The columns that it takes by name; null where any names will do. */
  readonly columns: readonly string[] | null;
  /** Values that one row has in it; null where the model leaves the number open. */
  readonly values: number | null;
  readonly optional: boolean;
  /** It looks like what one call hands to the next, which rows that are scored one by one have no use for. */
  readonly isState: boolean;
  /** What a person should know to bind it. */
  readonly advice: string;
}

/** The suggestions in the order of the inputs. `hasTokenizer`: a tokenizer.json lies beside the model. */
export function suggestBinding(
  { inputs, outputs, featureNames }: Signature,
  hasTokenizer = false,
): readonly SuggestedInput[] {
  const nextOf = new Map(inputs.map((input) => [input, nextState(input, outputs)]));
  const isAlone = inputs.filter((input) => !input.optional && nextOf.get(input) === undefined).length === 1;
  return inputs.map((input): SuggestedInput => {
    const { name, optional, shape } = input;
    const values = valuesOfRow(input);
    const next = nextOf.get(input);
    const suggest = (columns: readonly string[] | null, advice: string): SuggestedInput => ({
      input: name,
      columns,
      values,
      optional,
      isState: next !== undefined,
      advice,
    });
    if (optional)
      return suggest(null, `optional: the model has a default for it; to feed it, say --inputs ${name}=COLUMN`);
    if (next !== undefined) {
      return suggest(
        null,
        `a state (the output "${next}" is the next one), the same for every row here: inputs: { ${name}: { value: 0 } } in a job file`,
      );
    }
    if (isAlone && values !== 1 && featureNames !== undefined) {
      return suggest(featureNames, `the ${featureNames.length} columns that the model names`);
    }
    if (values === 1) return suggest([name], `the column "${name}"`);
    if (shape.length > 2) return suggest([name], adviceForTensor(input, values));
    const list = `list column "${name}"${values === null ? '' : ` of ${values} values`}`;
    if (partNamed(name) !== null && /^int(32|64)$/.test(input.dtype)) {
      const tokenizer = hasTokenizer ? 'auto' : '{ tokenizer: path/to/tokenizer.json }';
      const text = `${name}: { column: COLUMN, text: ${tokenizer} }`;
      const byName = hasTokenizer ? 'the tokens of the one text column, ' : '';
      return suggest([name], `${byName}the ${list} of token numbers, or text (inputs: { ${text} } in a job file)`);
    }
    if (!isAlone) return suggest([name], `the ${list}, or the columns of --inputs ${name}=COLUMN,...`);
    return values === null
      ? suggest(null, `the columns of --inputs ${name}=COLUMN,... (the model does not say how many), or a ${list}`)
      : suggest(null, `the ${values} numeric columns beside those of --keep, in the order of the file, or a ${list}`);
  });
}

const stateName = /^(?!encoder)([hc]_?(0|x|in)?|(.*_)?(state|hidden|memory|mems|cache)(_?(in|\d+))?|past.*)$/i;

/** The output that has the shape of an input named like a state: what a caller would feed to the next call. */
function nextState({ name, dtype, shape }: ModelInput, outputs: readonly ModelOutput[]): string | undefined {
  if (!stateName.test(name) || shape.length < 2) return undefined;
  return outputs.find(
    (output) =>
      output.dtype === dtype &&
      output.shape?.length === shape.length &&
      output.shape.every(
        (size, axis) => typeof size !== 'number' || typeof shape[axis] !== 'number' || size === shape[axis],
      ),
  )?.name;
}

function adviceForTensor({ name, shape }: ModelInput, values: number | null): string {
  const isImage = shape.length === 4 && [shape[1], shape[3]].some((size) => size === 1 || size === 3);
  const images = isImage ? `; or images (inputs: { ${name}: { column: COLUMN, image: PRESET } } in a job file)` : '';
  if (values !== null) return `the list column "${name}" of ${values} values, or of nested lists${images}`;
  const open = shape.slice(1).filter((size) => typeof size !== 'number').length;
  const flat =
    open > 1
      ? `; for flat lists say the shape of one row in a job file (inputs: { ${name}: { column: ${name}, shape: [...] } })`
      : '';
  return `the column "${name}" of ${open > 1 ? 'nested ' : ''}lists${images || flat}`;
}

/** The first axis counts rows, unless it is the only one and of a fixed size. */
function valuesOfRow({ shape }: ModelInput): number | null {
  const isOneRow = shape.length === 1 && typeof shape[0] === 'number';
  const sizes = isOneRow ? shape : shape.slice(1);
  return sizes.every((size) => typeof size === 'number') ? sizes.reduce((product, size) => product * size, 1) : null;
}

// Which columns a model would take by its signature alone: the rules of binding by name, told before there is any data.
import type { ModelInput, Signature } from '../model/signature.ts';

export interface SuggestedInput {
  readonly input: string;
  /** The columns that it takes by name; null where any names will do. */
  readonly columns: readonly string[] | null;
  /** Values that one row has in it; null where the model leaves the number open. */
  readonly values: number | null;
  readonly optional: boolean;
  /** What a person should know to bind it. */
  readonly advice: string;
}

/** The suggestions in the order of the inputs. */
export function suggestBinding({ inputs, featureNames }: Signature): readonly SuggestedInput[] {
  const isAlone = inputs.filter(({ optional }) => !optional).length === 1;
  return inputs.map((input): SuggestedInput => {
    const { name, optional, shape } = input;
    const values = valuesOfRow(input);
    const suggest = (columns: readonly string[] | null, advice: string): SuggestedInput => ({
      input: name,
      columns,
      values,
      optional,
      advice,
    });
    if (optional)
      return suggest(null, `optional: the model has a default for it; to feed it, say --inputs ${name}=COLUMN`);
    if (isAlone && values !== 1 && featureNames !== undefined) {
      return suggest(featureNames, `the ${featureNames.length} columns that the model's metadata names`);
    }
    if (values === 1) return suggest([name], `the column "${name}"`);
    if (shape.length > 2) return suggest([name], adviceForTensor(input, values));
    const list = `list column "${name}"${values === null ? '' : ` of ${values} values`}`;
    if (!isAlone) return suggest([name], `the ${list}, or the columns of --inputs ${name}=COLUMN,...`);
    return values === null
      ? suggest(null, `the columns of --inputs ${name}=COLUMN,... (the model does not say how many), or a ${list}`)
      : suggest(null, `the ${values} numeric columns beside those of --keep, in the order of the file, or a ${list}`);
  });
}

function adviceForTensor({ name, shape }: ModelInput, values: number | null): string {
  if (values !== null) return `the list column "${name}" of ${values} values, or of nested lists`;
  const open = shape.slice(1).filter((size) => typeof size !== 'number').length;
  const flat =
    open > 1
      ? `; for flat lists say the shape of one row in a job file (inputs: { ${name}: { column: ${name}, shape: [...] } })`
      : '';
  return `the column "${name}" of ${open > 1 ? 'nested ' : ''}lists${flat}`;
}

/** The first axis counts rows, unless it is the only one and of a fixed size. */
function valuesOfRow({ shape }: ModelInput): number | null {
  const isOneRow = shape.length === 1 && typeof shape[0] === 'number';
  const sizes = isOneRow ? shape : shape.slice(1);
  return sizes.every((size) => typeof size === 'number') ? sizes.reduce((product, size) => product * size, 1) : null;
}

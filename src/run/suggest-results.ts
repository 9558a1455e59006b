// Which result columns the outputs of a model become when a job says nothing of them, as far as the signature tells.
import type { ModelOutput, Signature } from '../model/signature.ts';

export interface SuggestedResult {
  readonly output: string;
  readonly columns: readonly string[];
  /** What a person should know to read them. */
  readonly advice: string;
}

/** The suggestions in the order of the outputs. */
export function suggestResults({ inputs, outputs }: Signature): readonly SuggestedResult[] {
  const required = inputs.filter(({ optional }) => !optional);
  // Without an axis for rows, all axes of an output are those of one row.
  const hasRowAxis = required.some(({ shape }) => shape.length > 1 || typeof shape[0] !== 'number' || shape[0] === 1);
  return outputs.map((output) => suggestionFor(output, hasRowAxis));
}

function suggestionFor({ name, shape, labels }: ModelOutput, hasRowAxis: boolean): SuggestedResult {
  if (labels !== undefined) {
    const columns = labels.map((label) => `${name}_${label}`);
    return {
      output: name,
      columns,
      advice: `a column for each of its ${columns.length} classes: ${columns.join(', ')}`,
    };
  }
  const column = (advice: string): SuggestedResult => ({ output: name, columns: [name], advice });
  if (shape === null) return column(`the column "${name}", a value or a list as the first rows show`);
  const sizes = hasRowAxis ? shape.slice(1) : shape;
  if (sizes.length === 0 || (sizes.length === 1 && sizes[0] === 1)) return column(`the column "${name}"`);
  const nested = sizes.length > 1 ? 'nested lists' : 'lists';
  const count = sizes.map((size) => (typeof size === 'number' ? size : 'any number')).join(' x ');
  return column(`the column "${name}" of ${nested} of ${count}`);
}

// What a model input takes of the tokens of a row, told from its name, and which inputs belong to one tokenisation:
// `query_input_ids` and `query_attention_mask` do, `query_input_ids` and `passage_attention_mask` do not.
import type { TokenPart } from '../job/text-schema.ts';

const namesOf: Readonly<Record<TokenPart, readonly string[]>> = {
  ids: ['input_word_ids', 'input_token_ids', 'input_ids', 'token_ids', 'ids'],
  mask: ['attention_mask', 'input_mask', 'mask'],
  types: ['token_type_ids', 'input_type_ids', 'segment_ids', 'type_ids'],
  positions: ['position_ids', 'positions'],
};

const partOfName = new Map(
  Object.entries(namesOf).flatMap(([part, names]) => names.map((name) => [name, part as TokenPart] as const)),
);

const pattern = new RegExp(
  `^(|.*?[^a-z0-9])(${[...partOfName.keys()].sort((a, b) => b.length - a.length).join('|')})(|[^a-z].*)$`,
  'i',
);

export interface NamedPart {
  readonly part: TokenPart;
  /** What is left of the name: alike for inputs of one tokenisation. */
  readonly group: string;
}

/** null: the name is not that of a part. */
export function partNamed(name: string): NamedPart | null {
  const found = pattern.exec(name);
  if (found === null) return null;
  return { part: partOfName.get(found[2].toLowerCase())!, group: `${found[1]}*${found[3]}` };
}

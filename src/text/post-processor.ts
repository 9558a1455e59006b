// The special tokens around one text or a pair, and the type of each token.
// Semantics: the post-processors of the Rust library of tokenizers; those of RoBERTa give every token the type 0.
import { type Component, componentsOf, isRecord, madeOf, UnsupportedTokenizer, wrong } from './tokenizer-component.ts';

export interface Tokens {
  readonly ids: readonly number[];
  readonly typeIds: readonly number[];
}

/** One part of what stands around texts: the first or the second text with its type, or special tokens. */
export type Part =
  | { readonly text: 0 | 1; readonly typeId: number }
  | { readonly ids: readonly number[]; readonly typeId: number };

export interface PostProcessor {
  readonly single: readonly Part[];
  readonly pair: readonly Part[];
}

/** The post-processor of a tokenizer.json; fails with UnsupportedTokenizer. */
export function postProcessorOf(component: Component | null): PostProcessor {
  return component === null ? plain : madeOf(component, makers, 'post_processor');
}

/** How many special tokens are put around one text, or around a pair. */
export const specialTokens = (parts: readonly Part[]): number =>
  parts.reduce((sum, part) => sum + ('ids' in part ? part.ids.length : 0), 0);

export function joinParts(parts: readonly Part[], texts: readonly (readonly number[])[]): Tokens {
  const ids: number[] = [];
  const typeIds: number[] = [];
  for (const part of parts) {
    for (const id of 'ids' in part ? part.ids : texts[part.text]) {
      ids.push(id);
      typeIds.push(part.typeId);
    }
  }
  return { ids, typeIds };
}

const plain: PostProcessor = {
  single: [{ text: 0, typeId: 0 }],
  pair: [
    { text: 0, typeId: 0 },
    { text: 1, typeId: 1 },
  ],
};

const makers: Readonly<Record<string, (component: Component) => PostProcessor>> = {
  BertProcessing: (component) => {
    const [start, end] = [tokenOf(component, 'cls'), tokenOf(component, 'sep')];
    const single: readonly Part[] = [special(start, 0), { text: 0, typeId: 0 }, special(end, 0)];
    return { single, pair: [...single, { text: 1, typeId: 1 }, special(end, 1)] };
  },
  // It only moves offsets.
  ByteLevel: () => plain,
  RobertaProcessing: (component) => {
    const [start, end] = [tokenOf(component, 'cls'), tokenOf(component, 'sep')];
    const single: readonly Part[] = [special(start, 0), { text: 0, typeId: 0 }, special(end, 0)];
    return { single, pair: [...single, special(end, 0), { text: 1, typeId: 0 }, special(end, 0)] };
  },
  Sequence: (component) => onlyOne(componentsOf(component, 'processors').map(postProcessorOf)),
  TemplateProcessing: (component) => ({ single: template(component, 'single'), pair: template(component, 'pair') }),
};

const special = (id: number, typeId: number): Part => ({ ids: [id], typeId });

function tokenOf(component: Component, setting: string): number {
  const token = component[setting];
  if (!Array.isArray(token) || !Number.isSafeInteger(token[1])) throw wrong(component, setting);
  return token[1] as number;
}

function template(component: Component, setting: string): readonly Part[] {
  const items = component[setting];
  const known = component.special_tokens;
  if (!Array.isArray(items) || !isRecord(known)) throw wrong(component, setting);
  return items.map((item: unknown): Part => {
    if (!isRecord(item)) throw wrong(component, setting);
    const { SpecialToken: token, Sequence: sequence } = item;
    if (isRecord(sequence)) return { text: sequence.id === 'B' ? 1 : 0, typeId: (sequence.type_id as number) ?? 0 };
    const named = isRecord(token) ? known[token.id as string] : undefined;
    if (!isRecord(token) || !isRecord(named) || !Array.isArray(named.ids)) throw wrong(component, setting);
    return { ids: named.ids as number[], typeId: (token.type_id as number) ?? 0 };
  });
}

/** Of processors in turn, one may add tokens. */
function onlyOne(processors: readonly PostProcessor[]): PostProcessor {
  const adding = processors.filter((processor) => processor !== plain);
  if (adding.length > 1) throw new UnsupportedTokenizer('its post_processor adds special tokens in two steps');
  return adding[0] ?? plain;
}

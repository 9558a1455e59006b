// Tokens that are found in a text as they stand, such as [SEP], before or after it is normalized.
// Semantics: AddedVocabulary of the Rust library of tokenizers; at one place the longest token wins.
import { endWithoutSpace, type Normalize } from './normalizers.ts';
import { isRecord, UnsupportedTokenizer } from './tokenizer-component.ts';

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly isWord: boolean;
  readonly takesSpaceBefore: boolean;
  readonly takesSpaceAfter: boolean;
  readonly isNormalized: boolean;
}

/** A part of a text between added tokens, or the id of one. */
export type Section = { readonly text: string; readonly isFirst: boolean } | number;

/** The list `added_tokens`; a token that the model has under another id keeps the model's. */
export function addedTokensOf(list: unknown, idOf: (content: string) => number | undefined): readonly AddedToken[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new UnsupportedTokenizer('its added_tokens are no list');
  return list
    .map((one: unknown): AddedToken => {
      if (!isRecord(one) || typeof one.content !== 'string' || !Number.isSafeInteger(one.id))
        throw new UnsupportedTokenizer('one of its added_tokens has no content or no id');
      return {
        id: idOf(one.content) ?? (one.id as number),
        content: one.content,
        isWord: one.single_word === true,
        takesSpaceBefore: one.lstrip === true,
        takesSpaceAfter: one.rstrip === true,
        isNormalized: typeof one.normalized === 'boolean' ? one.normalized : one.special !== true,
      };
    })
    .filter(({ content }) => content !== '');
}

/** Cuts texts at added tokens: those that are meant as they stand, then those that are meant in a normalized text. */
export function addedTokenCutter(tokens: readonly AddedToken[], normalize: Normalize): (text: string) => Section[] {
  const cutPlain = cutter(tokens.filter(({ isNormalized }) => !isNormalized));
  const cutNormalized = cutter(
    tokens
      .filter(({ isNormalized }) => isNormalized)
      .map((token) => ({ ...token, content: normalize(token.content) }))
      .filter(({ content }) => content !== ''),
  );
  return (text) =>
    cutPlain({ text, isFirst: true }).flatMap((section) =>
      typeof section === 'number'
        ? [section]
        : cutNormalized({ text: normalize(section.text), isFirst: section.isFirst }),
    );
}

const endsInLetter = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]$/u;
const beginsWithLetter = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]/u;

const isInsideWord = (text: string, start: number, end: number): boolean =>
  endsInLetter.test(text.slice(Math.max(0, start - 2), start)) || beginsWithLetter.test(text.slice(end, end + 2));

function cutter(tokens: readonly AddedToken[]): (section: Exclude<Section, number>) => Section[] {
  if (tokens.length === 0) return (section) => (section.text === '' ? [] : [section]);
  const byContent = new Map(tokens.map((token) => [token.content, token]));
  const longestFirst = [...byContent.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map((text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|'), 'gu');
  return ({ text, isFirst }) => {
    const sections: Section[] = [];
    let last = 0;
    const push = (end: number): void => {
      if (end > last) sections.push({ text: text.slice(last, end), isFirst: isFirst && last === 0 });
    };
    for (const { 0: content, index } of text.matchAll(pattern)) {
      const token = byContent.get(content)!;
      let [start, end] = [index, index + content.length];
      if (token.isWord && isInsideWord(text, start, end)) continue;
      if (token.takesSpaceBefore) start = Math.max(last, endWithoutSpace(text.slice(0, start)));
      if (token.takesSpaceAfter) end += /^\p{White_Space}*/u.exec(text.slice(end))![0].length;
      push(start);
      sections.push(token.id);
      last = end;
    }
    push(text.length);
    return sections;
  };
}

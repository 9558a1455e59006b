// A tokenizer.json as it computes: text to token ids, the same ids as the Rust library of tokenizers that made the file.
// The library @huggingface/tokenizers is asked for its rewriting of regular expressions only: its own pipeline gives other ids
// for pairs with an empty text, ideographs beyond U+FFFF, compiled normalizers, and words of more than ASCII.
import { addedTokenCutter, addedTokensOf } from './added-tokens.ts';
import { normalizerOf } from './normalizers.ts';
import { joinParts, postProcessorOf, specialTokens, type Tokens } from './post-processor.ts';
import { preTokenizerOf } from './pre-tokenizers.ts';
import { componentOf, isRecord, UnsupportedTokenizer } from './tokenizer-component.ts';
import { type Truncation, truncate } from './truncate.ts';
import { wordModelOf } from './word-model.ts';

export interface Tokenizer {
  /**
   * The tokens of one text or a pair, special tokens included. null: only the text that may be cut is too short for it. Throws
   * UnknownWord.
   */
  readonly encode: (texts: readonly string[], truncation: Truncation | null) => Tokens | null;
  readonly idOf: (token: string) => number | undefined;
  /** Special tokens that are put around one text, or a pair. */
  readonly specialTokens: (isPair: boolean) => number;
}

/** Makes a tokenizer of a parsed tokenizer.json; fails with UnsupportedTokenizer. */
export function makeTokenizer(json: unknown): Tokenizer {
  if (!isRecord(json)) throw new UnsupportedTokenizer('it is no mapping');
  const model = wordModelOf(json.model);
  const normalize = normalizerOf(componentOf(json.normalizer, 'normalizer'));
  const preTokenize = preTokenizerOf(componentOf(json.pre_tokenizer, 'pre_tokenizer'));
  const { single, pair } = postProcessorOf(componentOf(json.post_processor, 'post_processor'));
  const added = addedTokensOf(json.added_tokens, model.idOf);
  const cutAddedTokens = addedTokenCutter(added, normalize);
  const addedIds = new Map(added.map(({ content, id }) => [content, id]));

  const tokensOf = (text: string): number[] => {
    const ids: number[] = [];
    for (const section of cutAddedTokens(text)) {
      if (typeof section === 'number') ids.push(section);
      else for (const { text: word } of preTokenize(section)) for (const id of model.encode(word)) ids.push(id);
    }
    return ids;
  };
  return {
    idOf: (token) => addedIds.get(token) ?? model.idOf(token),
    specialTokens: (isPair) => specialTokens(isPair ? pair : single),
    encode: (texts, truncation) => {
      const parts = texts.length === 2 ? pair : single;
      const whole = texts.map(tokensOf);
      const cut =
        truncation === null ? whole : truncate(whole, truncation.maxLength - specialTokens(parts), truncation);
      return cut === null ? null : joinParts(parts, cut);
    },
  };
}

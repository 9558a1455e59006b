// Turns one word into token ids: the model of a tokenizer.json, behind a cache of words. Whether a word was cached changes nothing.
import { bytePairModel } from './byte-pair-model.ts';
import { type Component, componentOf, isRecord, madeOf, textOf, UnsupportedTokenizer } from './tokenizer-component.ts';
import { unigramModel } from './unigram-model.ts';
import { orUnknown, vocabularyOf, type WordModel } from './vocabulary.ts';
import { wordPieceModel } from './word-piece-model.ts';

const mostCachedWords = 50_000;
const longestCachedWord = 64;

/** The model of a tokenizer.json; fails with UnsupportedTokenizer. */
export function wordModelOf(value: unknown): WordModel {
  const typed = isRecord(value) && value.type === undefined ? { ...value, type: guessedType(value) } : value;
  const component = componentOf(typed, 'model');
  if (component === null) throw new UnsupportedTokenizer('it has no model');
  const model = madeOf(component, makers, 'model');
  const cache = new Map<string, readonly number[]>();
  return {
    idOf: model.idOf,
    encode: (word) => {
      const known = cache.get(word);
      if (known !== undefined) return known;
      const ids = model.encode(word);
      if (word.length > longestCachedWord) return ids;
      if (cache.size >= mostCachedWords) cache.clear();
      cache.set(word, ids);
      return ids;
    },
  };
}

/** Old files name no type. */
function guessedType(model: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(model.vocab)) return 'Unigram';
  if (model.merges !== undefined) return 'BPE';
  return model.continuing_subword_prefix === undefined ? 'WordLevel' : 'WordPiece';
}

const makers: Readonly<Record<string, (component: Component) => WordModel>> = {
  BPE: bytePairModel,
  Unigram: unigramModel,
  WordLevel: wordLevelModel,
  WordPiece: wordPieceModel,
};

function wordLevelModel(component: Component): WordModel {
  const ids = vocabularyOf(component);
  const unknown = ids.get(textOf(component, 'unk_token', '<unk>'));
  return {
    idOf: (token) => ids.get(token),
    encode: (word) => [orUnknown(ids.get(word) ?? unknown, word)],
  };
}

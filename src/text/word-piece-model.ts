// The model of BERT: the longest token that a word begins with, then the longest that goes on from there.
// Semantics: WordPiece of the Rust library of tokenizers.
import { type Component, textOf, wholeOf } from './tokenizer-component.ts';
import { orUnknown, vocabularyOf, type WordModel } from './vocabulary.ts';

export function wordPieceModel(component: Component): WordModel {
  const ids = vocabularyOf(component);
  const unknown = ids.get(textOf(component, 'unk_token', '[UNK]'));
  const prefix = textOf(component, 'continuing_subword_prefix', '##');
  const mostCharacters = wholeOf(component, 'max_input_chars_per_word', 100);

  const piecesOf = (word: string): number[] | null => {
    const characters = Array.from(word);
    if (characters.length > mostCharacters) return null;
    const pieces: number[] = [];
    for (let start = 0; start < characters.length; ) {
      let end = characters.length;
      let piece: number | undefined;
      for (; end > start && piece === undefined; end--) {
        piece = ids.get((start > 0 ? prefix : '') + characters.slice(start, end).join(''));
      }
      if (piece === undefined) return null;
      pieces.push(piece);
      start = end + 1;
    }
    return pieces;
  };
  return {
    idOf: (token) => ids.get(token),
    encode: (word) => piecesOf(word) ?? [orUnknown(unknown, word)],
  };
}

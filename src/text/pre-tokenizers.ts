// Cuts a normalized text into the words that the tokenizer's model is given one by one, as the Rust library of tokenizers does.
import { byteLetters } from './byte-letters.ts';
import { type Behavior, behaviorOf, cutAt, type Matches, matchesOf, patternOf, whitespace } from './split-pattern.ts';
import { type Component, componentsOf, flagOf, madeOf, textOf, wholeOf, wrong } from './tokenizer-component.ts';
import { everyPunctuation } from './unicode-classes.ts';

export interface Piece {
  readonly text: string;
  /** Whether it begins where the whole text begins. */
  readonly isFirst: boolean;
}

export type PreTokenize = (piece: Piece) => readonly Piece[];

/** The pre-tokenizer of a tokenizer.json; fails with UnsupportedTokenizer. */
export function preTokenizerOf(component: Component | null): PreTokenize {
  return component === null ? (piece) => [piece] : madeOf(component, makers, 'pre_tokenizer');
}

const cut = (piece: Piece, matches: Matches, behavior: Behavior, isInverted = false): readonly Piece[] =>
  cutAt(piece.text, matches, behavior, isInverted).map(([start, end]) => ({
    text: piece.text.slice(start, end),
    isFirst: piece.isFirst && start === 0,
  }));

const cutting =
  (pattern: RegExp, behavior: Behavior, isInverted = false): PreTokenize =>
  (piece) =>
    cut(piece, matchesOf(piece.text, pattern), behavior, isInverted);

const inTurn =
  (...steps: readonly PreTokenize[]): PreTokenize =>
  (piece) =>
    steps.reduce<readonly Piece[]>((pieces, step) => pieces.flatMap(step), [piece]);

const makers: Readonly<Record<string, (component: Component) => PreTokenize>> = {
  BertPreTokenizer: () => inTurn(cutting(whitespace, 'Removed'), cutting(everyPunctuation, 'Isolated')),
  ByteLevel: byteLevel,
  CharDelimiterSplit: (component) =>
    cutting(patternOf({ type: component.type, pattern: { String: component.delimiter } }), 'Removed'),
  Digits: (component) => cutting(/\p{N}/gu, flagOf(component, 'individual_digits', false) ? 'Isolated' : 'Contiguous'),
  FixedLength: fixedLength,
  Metaspace: metaspace,
  Punctuation: (component) => cutting(everyPunctuation, behaviorOf(component)),
  Sequence: (component) => inTurn(...componentsOf(component, 'pretokenizers').map(preTokenizerOf)),
  Split: (component) => cutting(patternOf(component), behaviorOf(component), flagOf(component, 'invert', false)),
  Whitespace: () => cutting(wordsAndSigns, 'Removed', true),
  WhitespaceSplit: () => cutting(whitespace, 'Removed'),
};

const letter = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d';
const wordsAndSigns = new RegExp(`[${letter}]+|[^${letter}\\p{White_Space}]+`, 'gu');

const contractionsAndWords =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

function byteLevel(component: Component): PreTokenize {
  const hasPrefix = flagOf(component, 'add_prefix_space', true);
  const isCut = flagOf(component, 'use_regex', true);
  return ({ text, isFirst }) => {
    const piece = { text: hasPrefix && !text.startsWith(' ') ? ` ${text}` : text, isFirst };
    const pieces = isCut ? cut(piece, matchesOf(piece.text, contractionsAndWords), 'Isolated') : [piece];
    return pieces.map((one) => ({ ...one, text: byteLetters(one.text) }));
  };
}

function metaspace(component: Component): PreTokenize {
  const replacement = textOf(component, 'replacement', '▁');
  const scheme = textOf(component, 'prepend_scheme', 'always');
  if (!['always', 'first', 'never'].includes(scheme)) throw wrong(component, 'prepend_scheme');
  if (flagOf(component, 'add_prefix_space', scheme !== 'never') !== (scheme !== 'never'))
    throw wrong(component, 'add_prefix_space');
  const isSplit = flagOf(component, 'split', true);
  const delimiter = patternOf({ type: component.type, pattern: { String: replacement } });
  return ({ text, isFirst }) => {
    const marked = text.replaceAll(' ', () => replacement);
    const isPrefixed = scheme === 'always' || (scheme === 'first' && isFirst);
    const piece = { text: isPrefixed && !marked.startsWith(replacement) ? replacement + marked : marked, isFirst };
    return isSplit ? cut(piece, matchesOf(piece.text, delimiter), 'MergedWithNext') : [piece];
  };
}

function fixedLength(component: Component): PreTokenize {
  const length = wholeOf(component, 'length', 5);
  if (length < 1) throw wrong(component, 'length');
  return ({ text, isFirst }) => {
    const characters = Array.from(text);
    const pieces: Piece[] = [];
    for (let start = 0; start < characters.length; start += length) {
      pieces.push({ text: characters.slice(start, start + length).join(''), isFirst: isFirst && start === 0 });
    }
    return pieces;
  };
}

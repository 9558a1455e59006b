// The model of SentencePiece: of all ways to cut a word into tokens, the one whose scores add up highest.
// Semantics: encode_optimized of Unigram in the Rust library of tokenizers; at equal scores the path found first stays.
import { byteTokens } from './byte-pair-model.ts';
import { type Component, flagOf, wrong } from './tokenizer-component.ts';
import { orUnknown, type WordModel } from './vocabulary.ts';

interface TrieNode {
  readonly next: Map<string, TrieNode>;
  /** The token that ends here; -1 for none. */
  id: number;
}

/** How much worse an unknown character is than the worst token. */
const unknownPenalty = 10;

export function unigramModel(component: Component): WordModel {
  const { vocab, unk_id: unknown = null } = component;
  const isVocabulary =
    Array.isArray(vocab) && vocab.every((one) => typeof one?.[0] === 'string' && typeof one?.[1] === 'number');
  if (!isVocabulary) throw wrong(component, 'vocab');
  if (unknown !== null && !Number.isSafeInteger(unknown)) throw wrong(component, 'unk_id');
  const scores = (vocab as [string, number][]).map(([, score]) => score);
  const ids = new Map((vocab as [string, number][]).map(([token], id) => [token, id]));
  const unknownId = unknown as number | null;
  const unknownScore = scores.reduce((least, score) => Math.min(least, score), Infinity) - unknownPenalty;
  const hasBytes = flagOf(component, 'byte_fallback', false);
  const root = trieOf(ids);

  const idsOf = (token: string): readonly number[] => {
    const id = ids.get(token);
    if (id !== undefined) return [id];
    return (hasBytes ? byteTokens(token, ids) : null) ?? [orUnknown(unknownId ?? undefined, token)];
  };
  return {
    idOf: (token) => ids.get(token),
    encode: (word) => {
      const characters = Array.from(word);
      const paths = bestPaths(characters, root, scores, { id: unknownId, score: unknownScore });
      if (paths === null) return [orUnknown(undefined, word)];
      return tokensAlong(paths, characters, unknownId).flatMap(idsOf);
    },
  };
}

function trieOf(ids: ReadonlyMap<string, number>): TrieNode {
  const root: TrieNode = { next: new Map(), id: -1 };
  for (const [token, id] of ids) {
    let node = root;
    for (const character of token) {
      let next = node.next.get(character);
      if (next === undefined) node.next.set(character, (next = { next: new Map(), id: -1 }));
      node = next;
    }
    node.id = id;
  }
  return root;
}

/** By place in the word: the token that ends there on the best path, and where it starts. */
interface Paths {
  readonly starts: Int32Array;
  readonly ids: Int32Array;
}

/** The best paths to every place; null when there is an unknown character and no token for it. */
function bestPaths(
  characters: readonly string[],
  root: TrieNode,
  scores: readonly number[],
  unknown: { readonly id: number | null; readonly score: number },
): Paths | null {
  const count = characters.length;
  const best = new Float64Array(count + 1);
  const starts = new Int32Array(count + 1).fill(-1);
  const ids = new Int32Array(count + 1);
  const offer = (start: number, end: number, id: number, score: number): void => {
    if (starts[end] !== -1 && score <= best[end]) return;
    [best[end], starts[end], ids[end]] = [score, start, id];
  };
  for (let start = 0; start < count; start++) {
    let hasSingle = false;
    let node = root.next.get(characters[start]);
    for (let end = start + 1; node !== undefined; end++) {
      if (node.id !== -1) {
        offer(start, end, node.id, scores[node.id] + best[start]);
        hasSingle ||= end === start + 1;
      }
      node = end < count ? node.next.get(characters[end]) : undefined;
    }
    if (hasSingle) continue;
    if (unknown.id === null) return null;
    offer(start, start + 1, unknown.id, unknown.score + best[start]);
  }
  return { starts, ids };
}

/** The texts of the tokens along the best path; unknown characters side by side are one. */
function tokensAlong({ starts, ids }: Paths, characters: readonly string[], unknownId: number | null): string[] {
  const tokens: string[] = [];
  let wasUnknown = false;
  for (let end = characters.length; end > 0; end = starts[end]) {
    const token = characters.slice(starts[end], end).join('');
    const isUnknown = ids[end] === unknownId;
    if (isUnknown && wasUnknown) tokens.push(token + tokens.pop()!);
    else tokens.push(token);
    wasUnknown = isUnknown;
  }
  return tokens.reverse();
}

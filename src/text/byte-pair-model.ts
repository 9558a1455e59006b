// Byte-pair encoding: a word's characters as tokens, of which the pair that was learnt first is merged, again and again.
// Semantics: BPE of the Rust library of tokenizers. It works on ids, so that a character without a token takes part as there.
import { type Component, flagOf, textOf, UnsupportedTokenizer, wrong } from './tokenizer-component.ts';
import { orUnknown, vocabularyOf, type WordModel } from './vocabulary.ts';

interface Merge {
  readonly rank: number;
  readonly id: number;
}

/** Merges by the two ids that they join. */
type Merges = ReadonlyMap<number, ReadonlyMap<number, Merge>>;

export function bytePairModel(component: Component): WordModel {
  if (component.dropout !== undefined && component.dropout !== null && component.dropout !== 0)
    throw new UnsupportedTokenizer('its BPE has a dropout, which would give a text other tokens each time');
  const ids = vocabularyOf(component);
  const prefix = textOf(component, 'continuing_subword_prefix', '');
  const suffix = textOf(component, 'end_of_word_suffix', '');
  const unknownToken = component.unk_token === null ? undefined : (component.unk_token as string | undefined);
  const isFused = flagOf(component, 'fuse_unk', false);
  const hasBytes = flagOf(component, 'byte_fallback', false);
  const ignoresMerges = flagOf(component, 'ignore_merges', false);
  const merges = mergesOf(component, ids, prefix);

  const symbolsOf = (word: string): number[] => {
    const characters = Array.from(word);
    const symbols: number[] = [];
    let unknown: number | null = null;
    for (const [index, character] of characters.entries()) {
      const token = (index > 0 ? prefix : '') + character + (index === characters.length - 1 ? suffix : '');
      const id = ids.get(token);
      if (id !== undefined) {
        if (unknown !== null) symbols.push(unknown);
        unknown = null;
        symbols.push(id);
        continue;
      }
      // As there, bytes go before an unknown token that is still waiting for its like.
      const bytes = hasBytes ? byteTokens(token, ids) : null;
      if (bytes !== null) symbols.push(...bytes);
      else if (unknownToken !== undefined) {
        if (unknown !== null && !isFused) symbols.push(unknown);
        unknown = orUnknown(ids.get(unknownToken), character);
      }
    }
    if (unknown !== null) symbols.push(unknown);
    return symbols;
  };
  return {
    idOf: (token) => ids.get(token),
    encode: (word) => {
      const whole = ignoresMerges ? ids.get(word) : undefined;
      return whole === undefined ? merged(symbolsOf(word), merges) : [whole];
    },
  };
}

/** The tokens <0x..> of a text's UTF-8 bytes; null when one of them is no token. */
export function byteTokens(text: string, ids: ReadonlyMap<string, number>): readonly number[] | null {
  const found = Array.from(Buffer.from(text), (byte) =>
    ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  );
  return found.every((id) => id !== undefined) ? found : null;
}

function mergesOf(component: Component, ids: ReadonlyMap<string, number>, prefix: string): Merges {
  const { merges: list } = component;
  if (!Array.isArray(list)) throw wrong(component, 'merges');
  const merges = new Map<number, Map<number, Merge>>();
  for (const [rank, entry] of list.entries()) {
    const [left, right] = Array.isArray(entry) ? (entry as string[]) : String(entry).split(' ');
    const joined = ids.get(`${left}${right?.slice(prefix.length)}`);
    const [leftId, rightId] = [ids.get(left), ids.get(right)];
    if (leftId === undefined || rightId === undefined || joined === undefined)
      throw new UnsupportedTokenizer(
        `its merge of ${JSON.stringify(left)} and ${JSON.stringify(right)} is not in its vocabulary`,
      );
    let rights = merges.get(leftId);
    if (rights === undefined) merges.set(leftId, (rights = new Map()));
    rights.set(rightId, { rank, id: joined });
  }
  return merges;
}

/** Merges symbols until no pair is left that can be: the lowest rank first, at equal rank the leftmost pair. */
function merged(symbols: number[], merges: Merges): readonly number[] {
  const count = symbols.length;
  const next = Int32Array.from(symbols, (_, place) => (place + 1 < count ? place + 1 : -1));
  const previous = Int32Array.from(symbols, (_, place) => place - 1);
  const isGone = new Uint8Array(count);
  const queue = new PairQueue();
  const offer = (place: number): void => {
    if (place === -1 || next[place] === -1) return;
    const merge = merges.get(symbols[place])?.get(symbols[next[place]]);
    if (merge !== undefined) queue.push(merge.rank, place, merge.id);
  };
  for (let place = 0; place < count; place++) offer(place);
  for (let pair = queue.pop(); pair !== null; pair = queue.pop()) {
    const { place, id } = pair;
    const right = next[place];
    if (isGone[place] || right === -1 || merges.get(symbols[place])?.get(symbols[right])?.id !== id) continue;
    symbols[place] = id;
    isGone[right] = 1;
    next[place] = next[right];
    if (next[place] !== -1) previous[next[place]] = place;
    offer(previous[place]);
    offer(place);
  }
  return symbols.filter((_, place) => isGone[place] === 0);
}

interface Pair {
  readonly rank: number;
  readonly place: number;
  readonly id: number;
}

const isBefore = (one: Pair, other: Pair): boolean =>
  one.rank !== other.rank ? one.rank < other.rank : one.place < other.place;

/** A binary heap: the pair of the lowest rank, then of the lowest place, comes out first. */
class PairQueue {
  readonly #heap: Pair[] = [];

  push(rank: number, place: number, id: number): void {
    const heap = this.#heap;
    const pair = { rank, place, id };
    let index = heap.length;
    heap.push(pair);
    while (index > 0 && isBefore(pair, heap[(index - 1) >> 1])) {
      heap[index] = heap[(index - 1) >> 1];
      index = (index - 1) >> 1;
    }
    heap[index] = pair;
  }

  pop(): Pair | null {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined) return null;
    if (heap.length === 0) return first;
    let index = 0;
    for (let child = 1; child < heap.length; child = 2 * index + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

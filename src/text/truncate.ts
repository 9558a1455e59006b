// Cuts the tokens of a text or a pair to a number. Semantics: truncate_encodings of the Rust library of tokenizers.

export interface Truncation {
  /** Of the whole row, special tokens included. */
  readonly maxLength: number;
  readonly strategy: 'longest_first' | 'only_first' | 'only_second';
  /** Where tokens are lost. */
  readonly side: 'left' | 'right';
}

/** The shorter lists, or null when the text that alone may be cut is too short for it. `room`: tokens for the texts. */
export function truncate(
  texts: readonly (readonly number[])[],
  room: number,
  { strategy, side }: Truncation,
): readonly (readonly number[])[] | null {
  const total = texts.reduce((sum, { length }) => sum + length, 0);
  if (total <= room) return texts;
  const cut = (ids: readonly number[], length: number): readonly number[] =>
    side === 'right' ? ids.slice(0, length) : ids.slice(ids.length - length);
  if (strategy === 'longest_first') {
    const lengths = texts.length === 1 ? [room] : balanced(texts[0].length, texts[1].length, room);
    return texts.map((ids, index) => cut(ids, Math.min(ids.length, lengths[index])));
  }
  const index = strategy === 'only_first' ? 0 : 1;
  const remaining = (texts[index]?.length ?? 0) - (total - room);
  // As there, a text is never cut to nothing.
  return remaining <= 0 ? null : texts.map((ids, place) => (place === index ? cut(ids, remaining) : ids));
}

/** The shorter text keeps its length while the longer one gives way; then both get half, the longer one the odd token. */
function balanced(first: number, second: number, room: number): readonly [number, number] {
  const isSwapped = first > second;
  let shorter = Math.min(first, second);
  let longer = shorter > room ? shorter : Math.max(shorter, room - shorter);
  if (shorter + longer > room) {
    shorter = room >> 1;
    longer = shorter + (room % 2);
  }
  return isSwapped ? [longer, shorter] : [shorter, longer];
}

// Numbers that look random and are the same in every run, so that what a sweep finds can be looked at again.
import { createHash } from 'node:crypto';

/** Numbers in [0, 1), a sequence of its own for every seed (mulberry32). */
export function random(seed: string): () => number {
  let state = createHash('sha256').update(seed).digest().readUInt32LE();
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

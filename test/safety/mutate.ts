// Damage to the bytes of a file, told by a number: the same number always does the same damage.

export interface Mutation {
  readonly kind: 'flip' | 'flips' | 'overwrite' | 'cut' | 'insert' | 'duplicate' | 'remove' | 'swap' | 'zero';
  readonly bytes: Uint8Array;
}

const kinds: readonly Mutation['kind'][] = [
  'flip',
  'flips',
  'overwrite',
  'cut',
  'insert',
  'duplicate',
  'remove',
  'swap',
  'zero',
];

/** Numbers in [0, 1) from a seed: mulberry32, by Tommy Ettinger, in the public domain. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A damaged copy. Every other time the damage is in the last kilobyte, where columnar formats keep what everything depends on. */
export function mutated(original: Uint8Array, seed: number): Mutation {
  const random = randomNumbers(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const kind = kinds[seed % kinds.length];
  const bytes = Buffer.from(original);
  const from = random() < 0.5 ? 0 : Math.max(0, bytes.length - 1024);
  const place = (): number => from + below(bytes.length - from);
  const flip = (): void => void (bytes[place()] ^= 1 << below(8));
  const [start, length] = [place(), 1 + below(64)];
  const piece = Buffer.from(bytes.subarray(start, start + length));
  const before = bytes.subarray(0, start);
  const after = bytes.subarray(start + piece.length);
  switch (kind) {
    case 'flip':
      flip();
      return { kind, bytes };
    case 'flips':
      for (let i = 0; i < 16; i++) flip();
      return { kind, bytes };
    case 'overwrite':
      for (let i = 0; i < piece.length; i++) bytes[start + i] = below(256);
      return { kind, bytes };
    case 'zero':
      bytes.fill(0, start, start + piece.length);
      return { kind, bytes };
    case 'cut':
      return { kind, bytes: bytes.subarray(0, start) };
    case 'insert':
      return { kind, bytes: Buffer.concat([before, Buffer.from(piece.map(() => below(256))), piece, after]) };
    case 'duplicate':
      return { kind, bytes: Buffer.concat([before, piece, piece, after]) };
    case 'remove':
      return { kind, bytes: Buffer.concat([before, after]) };
    case 'swap': {
      const middle = piece.length >> 1;
      return { kind, bytes: Buffer.concat([before, piece.subarray(middle), piece.subarray(0, middle), after]) };
    }
  }
}

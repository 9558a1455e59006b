// How many different values there are, from 512 registers that merge by their maximum: HyperLogLog (Flajolet et al. 2007) with
// 32-bit hashes and linear counting for few values. The standard error is 1.04 / sqrt(512) = 4.6 %.

const indexBits = 9;
const registerCount = 1 << indexBits;

export type Registers = Uint8Array;

export const emptyRegisters = (): Registers => new Uint8Array(registerCount);

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

export function addNumber(registers: Registers, value: number): void {
  // -0 and 0 are one value.
  double[0] = value + 0;
  addHash(registers, mixed(mixed(words[0]) ^ words[1]));
}

export function addText(registers: Registers, text: string): void {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  addHash(registers, mixed(hash));
}

function addHash(registers: Registers, hash: number): void {
  const index = hash >>> (32 - indexBits);
  const rank = Math.min(Math.clz32(hash << indexBits) + 1, 32 - indexBits + 1);
  if (rank > registers[index]) registers[index] = rank;
}

/** The last step of MurmurHash3: every bit of the input reaches every bit of the output. */
function mixed(word: number): number {
  let hash = word;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Adds what other registers have seen, in place. */
export function mergeInto(registers: Registers, other: Registers): void {
  for (let i = 0; i < registerCount; i++) if (other[i] > registers[i]) registers[i] = other[i];
}

export function estimateDistinct(registers: Registers): number {
  let sum = 0;
  let zeros = 0;
  for (const rank of registers) {
    sum += 2 ** -rank;
    if (rank === 0) zeros++;
  }
  const raw = ((0.7213 / (1 + 1.079 / registerCount)) * registerCount ** 2) / sum;
  if (raw <= 2.5 * registerCount && zeros > 0) return Math.round(registerCount * Math.log(registerCount / zeros));
  return Math.round(raw);
}

export const encodeRegisters = (registers: Registers): string => Buffer.from(registers).toString('base64');

export function decodeRegisters(text: string): Registers {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== registerCount) throw new Error(`${bytes.length} registers instead of ${registerCount}`);
  return bytes;
}

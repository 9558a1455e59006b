// Whether the bytes of a text file are UTF-8 without NUL, block by block; where not, which byte and line is at fault.
import { isUtf8 } from 'node:buffer';

export interface TextFault {
  /** Offset of the first byte that does not fit, from the beginning of the text. */
  readonly byte: number;
  readonly problem: 'not-utf8' | 'nul';
  /** The encoding that the bytes look like instead, or empty. */
  readonly guess: string;
}

/** Follows a text through its blocks; characters may lie across their borders. */
export class TextCheck {
  #byte = 0;
  #tail: Buffer = Buffer.alloc(0);

  /** The first fault in this block, or undefined. */
  push(block: Buffer): TextFault | undefined {
    const nul = block.indexOf(0);
    if (nul !== -1) return this.#nul(nul);
    let start = 0;
    if (this.#tail.length > 0) {
      start = Math.min(block.length, sequenceLength(this.#tail[0]) - this.#tail.length);
      const character = Buffer.concat([this.#tail, block.subarray(0, start)]);
      if (character.length < sequenceLength(character[0])) {
        this.#tail = character;
        this.#byte += block.length;
        return undefined;
      }
      if (!isUtf8(character)) return this.#notUtf8(this.#byte - this.#tail.length);
    }
    const end = lastWholeCharacterEnd(block, start);
    const text = block.subarray(start, end);
    if (!isUtf8(text)) return this.#notUtf8(this.#byte + start + firstInvalid(text));
    this.#tail = Buffer.from(block.subarray(end));
    this.#byte += block.length;
    return undefined;
  }

  /** A character that the end of the text cuts off, or undefined. */
  finish(): TextFault | undefined {
    return this.#tail.length === 0 ? undefined : this.#notUtf8(this.#byte - this.#tail.length);
  }

  #notUtf8(byte: number): TextFault {
    return { byte, problem: 'not-utf8', guess: 'latin1' };
  }

  #nul(nul: number): TextFault {
    const byte = this.#byte + nul;
    // A NUL among the very first letters: ASCII in UTF-16, whose high bytes are the odd ones where it is little-endian.
    const guess = byte > 3 ? '' : byte % 2 === 1 ? 'utf-16le' : 'utf-16be';
    return { byte, problem: 'nul', guess };
  }
}

const sequenceLength = (lead: number): number => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1);

function lastWholeCharacterEnd(block: Buffer, start: number): number {
  for (let back = 1; back <= 3 && block.length - back >= start; back++) {
    const byte = block[block.length - back];
    if (byte < 0x80) break;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? block.length - back : block.length;
  }
  return block.length;
}

function firstInvalid(text: Buffer): number {
  let i = 0;
  while (i < text.length) {
    const length = sequenceLength(text[i]);
    if (text[i] >= 0x80 && !isUtf8(text.subarray(i, i + length))) return i;
    i += length;
  }
  return i;
}

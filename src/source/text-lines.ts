// Line numbers, for messages only: counted when one is needed, from the last place that was counted in the same file.
import { fileBlocks } from './text-file.ts';

const lineFeed = 10;
const carriageReturn = 13;

/** Counts line ends (LF, CRLF or CR) through blocks. */
export class LineCounter {
  /** Lines that have ended so far. */
  ended = 0;
  #afterReturn = false;

  push(block: Buffer): void {
    if (!this.#afterReturn && block.indexOf(carriageReturn) === -1) {
      for (let at = block.indexOf(lineFeed); at !== -1; at = block.indexOf(lineFeed, at + 1)) this.ended++;
      return;
    }
    for (let i = 0; i < block.length; i++) {
      if (block[i] === carriageReturn || (block[i] === lineFeed && !this.#afterReturn)) this.ended++;
      this.#afterReturn = block[i] === carriageReturn;
    }
  }
}

/** The line (from 1) of bytes in one plain file; ask in ascending order and the file is read once. */
export class LineFinder {
  readonly #path: string;
  #byte = 0;
  #counter = new LineCounter();

  constructor(path: string) {
    this.#path = path;
  }

  async lineAt(byte: number): Promise<number> {
    if (byte < this.#byte) {
      this.#byte = 0;
      this.#counter = new LineCounter();
    }
    for await (const block of fileBlocks(this.#path, this.#byte, byte)) this.#counter.push(block);
    this.#byte = byte;
    return this.#counter.ended + 1;
  }
}

/** The line (from 1) of a byte of a text that is still wrapped. */
export async function lineOfByte(blocks: AsyncIterable<Buffer>, byte: number): Promise<number> {
  const counter = new LineCounter();
  let position = 0;
  for await (const block of blocks) {
    counter.push(block.subarray(0, byte - position));
    position += block.length;
    if (position >= byte) break;
  }
  return counter.ended + 1;
}

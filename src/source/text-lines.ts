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

/** Where the last count ended: splits of a file come in ascending order, so that each worker counts a file once and not once a split. */
let lastCount: LastCount | undefined;

interface LastCount {
  readonly path: string;
  readonly byte: number;
  readonly counter: LineCounter;
}

/** The lines (from 1) of bytes of a plain file; `bytes` ascend. */
export async function linesOfBytes(path: string, bytes: readonly number[]): Promise<number[]> {
  if (bytes.length === 0) return [];
  const goesOn = lastCount?.path === path && lastCount.byte <= bytes[0];
  const { counter, byte: startByte } = goesOn ? lastCount! : { counter: new LineCounter(), byte: 0 };
  lastCount = undefined;
  const endByte = bytes[bytes.length - 1];
  const lines: number[] = [];
  let position = startByte;
  for await (const block of fileBlocks(path, startByte, endByte)) {
    const blockEnd = position + block.length;
    while (bytes[lines.length] < blockEnd) {
      const end = block.length - (blockEnd - bytes[lines.length]);
      counter.push(block.subarray(block.length - (blockEnd - position), end));
      position = bytes[lines.length];
      lines.push(counter.ended + 1);
    }
    counter.push(block.subarray(block.length - (blockEnd - position)));
    position = blockEnd;
  }
  while (lines.length < bytes.length) lines.push(counter.ended + 1);
  lastCount = { path, byte: endByte, counter };
  return lines;
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

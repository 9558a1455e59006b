// Scratch files: byte ranges of text shards side by side in one file, for a reader that takes files whole.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ScratchFile } from './scratch-file.ts';
import { fileBlocks } from './text-file.ts';

export interface ByteRange {
  readonly path: string;
  readonly startByte: number;
  readonly endByte: number;
}

export interface ScratchText {
  readonly path: string;
  remove(): Promise<void>;
}

const lineFeed = Buffer.from('\n');

/** Copies ranges one after the other, each from a line of its own, and shows every block to `inspect` on its way. */
export async function scratchText(
  folder: string,
  ranges: readonly ByteRange[],
  inspect: (block: Buffer) => void,
): Promise<ScratchText> {
  const file = await ScratchFile.create(join(folder, `text-${randomUUID()}`));
  try {
    let last = lineFeed[0];
    for (const range of ranges) {
      if (last !== lineFeed[0]) await file.write(lineFeed);
      for await (const block of fileBlocks(range.path, range.startByte, range.endByte)) {
        inspect(block);
        await file.write(block);
        last = block[block.length - 1];
      }
    }
  } finally {
    await file.close();
  }
  return file;
}

// Lines of JSON Lines written anew where DuckDB's reader will not take them as they are: objects that hold a key twice, and
// thousands of broken lines among them. Each line says which row it is.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { jsonText, parseLine } from './jsonl-line.ts';
import { JsonlScanner } from './jsonl-scanner.ts';
import { ScratchFile } from './scratch-file.ts';
import { fileBlocks } from './text-file.ts';
import { keysOf, type RowRun } from './text-pieces.ts';
import { recordsOf } from './text-scanner.ts';
import type { ScratchText } from './text-scratch.ts';

export interface RewrittenLines extends ScratchText {
  readonly longestBytes: number;
}

/** Writes a file of `{"shard", "row", "object"}` lines from lines that are all objects. */
export async function rewriteLines(
  folder: string,
  lines: { readonly path: string; readonly runs: readonly RowRun[] },
): Promise<RewrittenLines> {
  const file = await ScratchFile.create(join(folder, `rewritten-${randomUUID()}`));
  const keys = keysOf(lines.runs);
  let longestBytes = 0;
  try {
    for await (const records of recordsOf(fileBlocks(lines.path), new JsonlScanner(), 0)) {
      const rewritten = records.map(({ text }) => {
        const line = parseLine(text);
        const key = keys.next().value;
        if ('malformed' in line || key === undefined) throw new Error(`not an object: ${text}`);
        return Buffer.from(`{"shard":${key[0]},"row":${key[1]},"object":${jsonText(line.object)}}\n`);
      });
      for (const { length } of rewritten) longestBytes = Math.max(longestBytes, length);
      await file.write(Buffer.concat(rewritten));
    }
  } catch (error) {
    await file.remove();
    throw error;
  } finally {
    await file.close();
  }
  return { path: file.path, longestBytes, remove: () => file.remove() };
}

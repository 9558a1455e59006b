import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LineCounter, lineOfByte, linesOfBytes } from '../../src/source/text-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'text-lines-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('line numbers', () => {
  it('ends lines with LF, CRLF and CR, wherever a block ends', () => {
    const text = Buffer.from('a\nb\r\nc\rd\r\r\n\ne');
    for (let size = 1; size <= text.length; size++) {
      const counter = new LineCounter();
      for (let at = 0; at < text.length; at += size) counter.push(text.subarray(at, at + size));
      expect(counter.ended).toBe(6);
    }
  });

  it('finds the lines of many bytes at once, later ones, and earlier ones again', async () => {
    const path = join(folder, 'lines.txt');
    writeFileSync(
      path,
      Array.from({ length: 1000 }, (_, line) => `line ${String(line + 1).padStart(4, '0')}\n`).join(''),
    );
    expect(await linesOfBytes(path, [])).toEqual([]);
    expect(await linesOfBytes(path, [0, 9, 10, 10, 25])).toEqual([1, 1, 2, 2, 3]);
    expect(await linesOfBytes(path, [25, 9990, 10_000])).toEqual([3, 1000, 1001]);
    expect(await linesOfBytes(path, [5010])).toEqual([502]);
  });

  it('finds the line of a byte of a stream', async () => {
    async function* blocks(): AsyncGenerator<Buffer> {
      yield Buffer.from('a\nb');
      yield Buffer.from('b\nc\n');
    }
    for (const [byte, line] of [
      [0, 1],
      [2, 2],
      [4, 2],
      [5, 3],
    ]) {
      expect(await lineOfByte(blocks(), byte)).toBe(line);
    }
  });
});

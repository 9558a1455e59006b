// Where the lines of a JSON Lines text begin: at the first letter of every line that is not blank. Line feeds end lines, as
// no JSON text holds one outside an escape.
import type { RecordScanner } from './text-scanner.ts';

const lineFeed = 10;

export class JsonlScanner implements RecordScanner {
  readonly openQuote = undefined;
  #inLine = false;
  #begins = new Int32Array(1024);

  push(block: Buffer): Int32Array {
    let begun = 0;
    let i = 0;
    while (i < block.length) {
      if (this.#inLine) {
        const end = block.indexOf(lineFeed, i);
        if (end === -1) break;
        i = end + 1;
        this.#inLine = false;
      } else {
        while (i < block.length && isSpace(block[i])) i++;
        if (i === block.length) break;
        if (begun === this.#begins.length) this.#grow();
        this.#begins[begun++] = i;
        this.#inLine = true;
      }
    }
    return this.#begins.subarray(0, begun);
  }

  #grow(): void {
    const grown = new Int32Array(this.#begins.length * 2);
    grown.set(this.#begins);
    this.#begins = grown;
  }
}

const isSpace = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13 && byte !== 11 && byte !== 12);

// Where the records of a CSV text begin: line ends outside quotes (LF, CRLF or CR), blank lines skipped. One pass over the
// bytes at memory speed; the field rules are those of csv-record.ts. This scanner alone decides what a row is.
import type { CsvDialect } from './csv-dialect.ts';
import type { RecordScanner } from './text-scanner.ts';

const lineFeed = 10;
const carriageReturn = 13;
const blank = 32;
const jumpBytes = 100;

/**
 * Between blocks the scanner is in one of these states:
 * - between: no record is open; line ends are skipped, any other byte begins a record.
 * - unquoted: in a record, outside quotes; a quote opens a quoted field only where a field begins.
 * - quoted: inside quotes; line ends are text.
 * - escaped: inside quotes, after an escape that is not the quote itself; the next byte is text.
 * - closing: after a quote inside quotes, where the quote is its own escape; another quote is text, anything else means that the quotes ended.
 */
type State = 'between' | 'unquoted' | 'quoted' | 'escaped' | 'closing';

export class CsvScanner implements RecordScanner {
  readonly #quote: number;
  readonly #escape: number;
  readonly #delimiter: Buffer;
  /** 1 for the bytes that mean something outside quotes. */
  readonly #special = new Uint8Array(256);
  #state: State = 'between';
  #begins = new Int32Array(1024);
  #position = 0;
  #quoteOpenedAt = 0;
  #bytesPerRecord = 0;
  /** The last bytes of the text before this block, enough to see whether a field begins; a line end before the first. */
  #before: Buffer = Buffer.from([lineFeed]);

  constructor(dialect: CsvDialect) {
    this.#quote = dialect.quote === '' ? -1 : dialect.quote.charCodeAt(0);
    this.#escape = dialect.escape === '' ? -1 : dialect.escape.charCodeAt(0);
    this.#delimiter = Buffer.from(dialect.delimiter);
    for (const byte of [lineFeed, carriageReturn, this.#quote]) if (byte >= 0) this.#special[byte] = 1;
  }

  push(block: Buffer): Int32Array {
    const special = this.#special;
    const quote = this.#quote;
    const escaping = this.#escape;
    const length = block.length;
    const jumps = this.#canJump(block);
    let state = this.#state;
    let begun = 0;
    let i = 0;
    while (i < length) {
      if (state === 'unquoted') {
        if (jumps) i = lineEndFrom(block, i);
        else while (i < length && special[block[i]] === 0) i++;
        if (i === length) break;
        if (block[i] !== quote) state = 'between';
        else if (this.#fieldBeginsAt(block, i)) {
          state = 'quoted';
          this.#quoteOpenedAt = this.#position + i;
        }
        i++;
      } else if (state === 'between') {
        while (i < length && (block[i] === lineFeed || block[i] === carriageReturn)) i++;
        if (i === length) break;
        if (begun === this.#begins.length) this.#grow();
        this.#begins[begun++] = i;
        state = 'unquoted';
      } else if (state === 'quoted') {
        while (i < length && block[i] !== quote && block[i] !== escaping) i++;
        if (i === length) break;
        if (block[i] === escaping) state = escaping === quote ? 'closing' : 'escaped';
        else state = 'unquoted';
        i++;
      } else if (state === 'escaped') {
        state = 'quoted';
        i++;
      } else if (block[i] === quote) {
        state = 'quoted';
        i++;
      } else state = 'unquoted';
    }
    this.#state = state;
    this.#position += length;
    this.#bytesPerRecord = length / Math.max(1, begun);
    this.#before = Buffer.concat([this.#before, block.subarray(-8)]).subarray(-8);
    return this.#begins.subarray(0, begun);
  }

  get openQuote(): number | undefined {
    return this.#state === 'quoted' || this.#state === 'escaped' ? this.#quoteOpenedAt : undefined;
  }

  /** Long records of nothing but text and line feeds: a native search for the next line feed takes a third of the time of the loop. */
  #canJump(block: Buffer): boolean {
    const recordBytes = this.#bytesPerRecord === 0 ? lineEndFrom(block, 0) : this.#bytesPerRecord;
    if (recordBytes < jumpBytes) return false;
    return !block.includes(carriageReturn) && (this.#quote === -1 || !block.includes(this.#quote));
  }

  /** After a delimiter or a line end, with at most one blank between, as DuckDB's reader has it. */
  #fieldBeginsAt(block: Buffer, at: number): boolean {
    const before = at >= 8 ? block.subarray(at - 8, at) : Buffer.concat([this.#before, block.subarray(0, at)]);
    const end = before[before.length - 1] === blank && !this.#endsField(before) ? before.length - 1 : before.length;
    return this.#endsField(before.subarray(0, end));
  }

  #endsField(bytes: Buffer): boolean {
    const last = bytes[bytes.length - 1];
    if (last === lineFeed || last === carriageReturn) return true;
    return bytes.subarray(-this.#delimiter.length).equals(this.#delimiter);
  }

  #grow(): void {
    const grown = new Int32Array(this.#begins.length * 2);
    grown.set(this.#begins);
    this.#begins = grown;
  }
}

const lineEndFrom = (block: Buffer, from: number): number => {
  const at = block.indexOf(lineFeed, from);
  return at === -1 ? block.length : at;
};

// The records of a CSV text as its blocks come by, each with as many bytes behind it as the reader of numbers looks at.
import type { CsvFields } from './csv-fields.ts';
import { bytesBeyond } from './csv-numbers.ts';
import type { CsvScanner } from './csv-scanner.ts';

/** A method and no function made for each text: V8 compiles the loop below once for a method, and anew for each function. */
export interface RecordTaker {
  /** Takes the record at `[begin, end)` of the bytes that the fields are read from; `byte` is its place in the file. False: no more. */
  take(bytes: Buffer, begin: number, end: number, byte: number): boolean;
}

export class RecordBlocks {
  readonly #scanner: CsvScanner;
  readonly #fields: CsvFields;
  readonly #taker: RecordTaker;
  /** The record that the last block did not end. */
  #open: Buffer[] = [];
  #openByte: number;
  #position: number;

  constructor(scanner: CsvScanner, fields: CsvFields, taker: RecordTaker, startByte: number) {
    this.#scanner = scanner;
    this.#fields = fields;
    this.#taker = taker;
    this.#openByte = startByte;
    this.#position = startByte;
  }

  /** Shows the records that end in this block, which may be overwritten afterwards; false when one was not taken. */
  push(block: Buffer): boolean {
    const begins = this.#scanner.push(block);
    const first = begins.length === 0 ? block.length : begins[0];
    if (this.#open.length > 0) this.#open.push(Buffer.from(block.subarray(0, first)));
    if (begins.length > 0) {
      if (!this.end() || !this.#takeWhole(block, begins)) return false;
      const last = begins[begins.length - 1];
      this.#open = [Buffer.from(block.subarray(last))];
      this.#openByte = this.#position + last;
    }
    this.#position += block.length;
    return true;
  }

  /** Shows the record that is open: there is no more of it. */
  end(): boolean {
    return this.#open.length === 0 || this.#takeCopy(this.#open, this.#openByte);
  }

  #takeWhole(block: Buffer, begins: Int32Array): boolean {
    this.#fields.use(block);
    const last = begins.length - 1;
    for (let i = 0; i < last; i++) {
      const end = begins[i + 1];
      const byte = this.#position + begins[i];
      if (end + bytesBeyond <= block.length) {
        if (!this.#taker.take(block, begins[i], end, byte)) return false;
      } else if (!this.#takeCopy([block.subarray(begins[i], end)], byte)) return false;
    }
    return true;
  }

  #takeCopy(parts: readonly Buffer[], byte: number): boolean {
    const copy = Buffer.concat([...parts, Buffer.from('\n'), Buffer.alloc(bytesBeyond)]);
    this.#fields.use(copy);
    return this.#taker.take(copy, 0, copy.length - bytesBeyond, byte);
  }
}

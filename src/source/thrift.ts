// Thrift's compact protocol, as far as Parquet's footer uses it:
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
// Every length is checked against the bytes that are left, so a damaged footer ends in a RangeError and never in a hang.

export type ThriftValue = number | boolean | Uint8Array | readonly ThriftValue[] | ThriftStruct;
/** Fields by their ids. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

const deepest = 64;

export class ThriftReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes have been read. */
  get offset(): number {
    return this.#offset;
  }

  /** The next struct, or only its fields up to and including `lastField`. Integers beyond 2^53 lose their last digits. */
  struct(lastField = Number.POSITIVE_INFINITY, depth = 0): ThriftStruct {
    if (depth > deepest) throw new RangeError('values are nested too deeply');
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    for (;;) {
      const header = this.#byte();
      const type = header & 0x0f;
      if (type === 0) return fields;
      id = header >> 4 === 0 ? this.#integer() : id + (header >> 4);
      fields.set(id, type <= 2 ? type === 1 : this.#value(type, depth));
      if (id >= lastField) return fields;
    }
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case 1:
      case 2:
        return this.#byte() === 1;
      case 3:
        return (this.#byte() << 24) >> 24;
      case 4:
      case 5:
      case 6:
        return this.#integer();
      case 7:
        return this.#take(8).getFloat64(0, true);
      case 8:
        return this.#binary();
      case 9:
      case 10:
        return this.#list(depth);
      case 12:
        return this.struct(undefined, depth + 1);
      default:
        throw new RangeError(`a value of unknown type ${type}`);
    }
  }

  #list(depth: number): readonly ThriftValue[] {
    if (depth > deepest) throw new RangeError('values are nested too deeply');
    const header = this.#byte();
    const count = header >> 4 === 15 ? this.#unsigned() : header >> 4;
    if (count > this.#bytes.length - this.#offset) throw new RangeError('a list is longer than the footer');
    const values: ThriftValue[] = [];
    for (let i = 0; i < count; i++) values.push(this.#value(header & 0x0f, depth + 1));
    return values;
  }

  #binary(): Uint8Array {
    const view = this.#take(this.#unsigned());
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  }

  #integer(): number {
    const zigzag = this.#unsigned();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  #unsigned(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 63; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number has too many digits');
  }

  #byte(): number {
    if (this.#offset >= this.#bytes.length) throw new RangeError('it ends too early');
    return this.#bytes[this.#offset++];
  }

  #take(length: number): DataView {
    if (length > this.#bytes.length - this.#offset) throw new RangeError('it ends too early');
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#offset, length);
    this.#offset += length;
    return view;
  }
}

// Thrift's compact protocol, as far as Parquet's footer uses it:
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
// Every length is checked against the bytes that are left, so a damaged footer ends in a RangeError and never in a hang.

export type ThriftValue = number | boolean | Uint8Array | readonly ThriftValue[] | ThriftStruct;
/** Fields by their ids. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;
/** Fields to read, by their ids: whole, or only some fields of a struct or of each struct of a list. All others are passed over. */
export interface WantedFields {
  readonly [id: number]: true | WantedFields;
}

const deepest = 64;

export class ThriftReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  /** From `offset` on, where a struct begins or, for `select`, one of its fields. */
  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#offset = offset;
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

  /** The wanted fields of a struct, of which the fields up to `lastRead` have been read. A third of the time of reading it whole. */
  select(wanted: WantedFields, lastRead = 0, depth = 0): ThriftStruct {
    if (depth > deepest) throw new RangeError('values are nested too deeply');
    const fields = new Map<number, ThriftValue>();
    let id = lastRead;
    for (;;) {
      const header = this.#byte();
      const type = header & 0x0f;
      if (type === 0) return fields;
      id = header >> 4 === 0 ? this.#integer() : id + (header >> 4);
      const fieldsOf = wanted[id];
      if (fieldsOf === undefined) this.#skip(type, depth);
      else if (type <= 2) fields.set(id, type === 1);
      else if (fieldsOf === true) fields.set(id, this.#value(type, depth));
      else if (type === 12) fields.set(id, this.select(fieldsOf, 0, depth + 1));
      else if (type === 9) fields.set(id, this.#selectEach(fieldsOf, depth));
      else this.#skip(type, depth);
    }
  }

  #selectEach(wanted: WantedFields, depth: number): readonly ThriftValue[] {
    const { type, count } = this.#listHeader(depth);
    if (type !== 12) throw new RangeError('a list holds other values than structs');
    return Array.from({ length: count }, () => this.select(wanted, 0, depth + 1));
  }

  /** Passes over the value of a field. */
  #skip(type: number, depth: number): void {
    if (type <= 2) return;
    if (type === 8) this.#move(this.#unsigned());
    else if (type === 3) this.#move(1);
    else if (type === 7) this.#move(8);
    else if (type === 12) this.select({}, 0, depth + 1);
    else if (type === 9 || type === 10) {
      const { type: elementType, count } = this.#listHeader(depth);
      // A boolean has its byte in a list, and none as a field.
      if (elementType <= 2) this.#move(count);
      else for (let i = 0; i < count; i++) this.#skip(elementType, depth + 1);
    } else if (type <= 6) this.#unsigned();
    else throw new RangeError(`a value of unknown type ${type}`);
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
        return this.#double();
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
    const { type, count } = this.#listHeader(depth);
    const values: ThriftValue[] = [];
    for (let i = 0; i < count; i++) values.push(this.#value(type, depth + 1));
    return values;
  }

  #listHeader(depth: number): { readonly type: number; readonly count: number } {
    if (depth > deepest) throw new RangeError('values are nested too deeply');
    const header = this.#byte();
    const count = header >> 4 === 15 ? this.#unsigned() : header >> 4;
    if (count > this.#bytes.length - this.#offset) throw new RangeError('a list is longer than the footer');
    return { type: header & 0x0f, count };
  }

  #binary(): Uint8Array {
    const length = this.#unsigned();
    const start = this.#offset;
    this.#move(length);
    return this.#bytes.subarray(start, start + length);
  }

  #integer(): number {
    const zigzag = this.#unsigned();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  #unsigned(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let scale = 128; scale <= 2 ** 63; scale *= 128) {
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

  #double(): number {
    const start = this.#offset;
    this.#move(8);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + start, 8).getFloat64(0, true);
  }

  #move(length: number): void {
    if (length > this.#bytes.length - this.#offset) throw new RangeError('it ends too early');
    this.#offset += length;
  }
}

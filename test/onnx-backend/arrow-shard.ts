// Tensors as the columns of an Arrow shard: one value or (nested) list a row, bit for bit, without a detour through text.
import {
  Bool,
  type Data,
  type DataType,
  Field,
  FixedSizeList,
  Float16,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import type { Dtype } from '../../src/core/dtype.ts';
import type { TensorData } from '../../src/model/session.ts';

export interface TensorColumn {
  readonly name: string;
  readonly tensor: TensorData;
  /** The shape of one row; empty for single values. */
  readonly rowShape: readonly number[];
  readonly lists: 'any size' | 'fixed size';
}

const numberTypes: Readonly<Record<Exclude<Dtype, 'bool' | 'string'>, new () => DataType>> = {
  float32: Float32,
  float64: Float64,
  float16: Float16,
  int8: Int8,
  int16: Int16,
  int32: Int32,
  int64: Int64,
  uint8: Uint8,
  uint16: Uint16,
  uint32: Uint32,
  uint64: Uint64,
};

/** The bytes of an Arrow stream; every column has `rows` rows. */
export function arrowShard(columns: readonly TensorColumn[], rows: number): Uint8Array {
  const children = columns.map((column) => columnData(column, rows));
  const fields = columns.map(({ name }, index) => new Field(name, children[index].type, true));
  const schema = new Schema(fields);
  const batch = new RecordBatch(schema, makeData({ type: new Struct(fields), length: rows, nullCount: 0, children }));
  return tableToIPC(new Table(schema, batch), 'stream');
}

function columnData({ tensor, rowShape, lists }: TensorColumn, rows: number): Data {
  let data = leafData(tensor);
  for (let level = rowShape.length - 1; level >= 0; level--) {
    const size = rowShape[level];
    const length = rowShape.slice(0, level).reduce((product, one) => product * one, rows);
    const item = new Field('item', data.type, true);
    data =
      lists === 'fixed size'
        ? makeData({ type: new FixedSizeList(size, item), length, nullCount: 0, child: data })
        : makeData({
            type: new List(item),
            length,
            nullCount: 0,
            valueOffsets: Int32Array.from({ length: length + 1 }, (_, i) => i * size),
            child: data,
          });
  }
  return data;
}

function leafData({ dtype, data }: TensorData): Data {
  const { length } = data;
  if (dtype === 'string') {
    const texts = (data as readonly string[]).map((text) => Buffer.from(text));
    const valueOffsets = new Int32Array(length + 1);
    for (const [index, text] of texts.entries()) valueOffsets[index + 1] = valueOffsets[index] + text.length;
    return makeData({ type: new Utf8(), length, nullCount: 0, valueOffsets, data: Buffer.concat(texts) });
  }
  if (dtype === 'bool') {
    const bits = new Uint8Array(Math.ceil(length / 8));
    for (let index = 0; index < length; index++) bits[index >> 3] |= Number(data[index]) << (index & 7);
    return makeData({ type: new Bool(), length, nullCount: 0, data: bits });
  }
  return makeData({ type: new numberTypes[dtype]() as Float64, length, nullCount: 0, data: data as Float64Array });
}

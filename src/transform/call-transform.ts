// One call of a user's function, and what came of it: arrays by name, checked, or what is wrong with them.
import * as arrow from 'apache-arrow';
import { checkArrow } from '../core/arrow-check.ts';
import { withoutOffset } from '../core/arrow-offset.ts';
import { sqlTypeOfArrow } from '../core/arrow-types.ts';
import { FailureError } from '../core/failure.ts';
import type { Transform, TransformContext } from './transform.ts';

/** Arrays by name, each of as many values as the batch has rows. */
export type TransformedArrays = ReadonlyMap<string, arrow.Data>;

/** Arrow's name of a type, such that equal names are read alike: texts of a dictionary are texts. */
export const arrowTypeText = (type: arrow.DataType): string => sqlTypeOfArrow(type) ?? `UNSUPPORTED(${type})`;

export class TransformCall {
  readonly #path: string;
  readonly #transform: Transform;

  constructor(path: string, transform: Transform) {
    this.#path = path;
    this.#transform = transform;
  }

  /** What the function throws is thrown on; what it gives that is no result of these rows is a FailureError, `transform-result`. */
  async call(batch: arrow.RecordBatch, context: Omit<TransformContext, 'arrow'>): Promise<TransformedArrays> {
    const result: unknown = await this.#transform(batch, { ...context, arrow });
    return this.#arraysOf(result, batch.numRows);
  }

  wrong(message: string): FailureError {
    return new FailureError({ reason: 'transform-result', path: this.#path, message });
  }

  #arraysOf(result: unknown, rows: number): TransformedArrays {
    if (typeof result !== 'object' || result === null || Array.isArray(result))
      throw this.wrong(
        `it gave ${shown(result)}; return a record batch, or arrays by name: { ratio: new Float32Array(...) }`,
      );
    const arrays = new Map<string, arrow.Data>();
    for (const [name, values] of isBatch(result) ? vectorsOf(result) : Object.entries(result)) {
      const array = this.#arrayOf(name, values);
      if (array.length !== rows)
        throw this.wrong(
          `its column "${name}" has ${array.length} values for ${rows} rows; return one for each row, in the same order`,
        );
      try {
        checkArrow(array);
      } catch (error) {
        throw this.wrong(
          `its column "${name}" is no whole Arrow array: ${(error as Error).message}; give a typed array or a whole vector, by name, as in { ratio: batch.getChild("ratio") }: apache-arrow's batch.select leaves columns without their values`,
        );
      }
      arrays.set(name, array);
    }
    return arrays;
  }

  #arrayOf(name: string, values: unknown): arrow.Data {
    try {
      const vector = isVector(values) ? values : vectorOf(values);
      if (vector !== null && vector.data.length === 1) return withoutOffset(vector.data[0]);
      if (vector !== null && vector.length === 0) return arrow.makeData({ type: new arrow.Null(), length: 0 } as never);
    } catch (error) {
      throw this.wrong(`its column "${name}" is no column: ${(error as Error).message}; give all values of one type`);
    }
    throw this.wrong(
      `its column "${name}" is ${shown(values)}; give a typed array, an array of values, or a vector of one piece`,
    );
  }
}

function vectorOf(values: unknown): arrow.Vector | null {
  if (Array.isArray(values)) {
    const items = values.map((value) => value ?? null);
    return items.some((item) => item !== null)
      ? arrow.vectorFromArray(items)
      : arrow.makeVector(arrow.makeData({ type: new arrow.Null(), length: items.length } as never));
  }
  return ArrayBuffer.isView(values) && !(values instanceof DataView) ? arrow.makeVector(values as never) : null;
}

/** By what they have: a module may use a copy of apache-arrow of its own. */
const isVector = (value: unknown): value is arrow.Vector =>
  typeof value === 'object' && value !== null && 'data' in value && 'type' in value && Array.isArray(value.data);

interface BatchLike {
  readonly schema: { readonly fields: readonly { readonly name: string }[] };
  readonly numRows: number;
  getChildAt(index: number): arrow.Vector | null;
}

const isBatch = (value: object): value is BatchLike => 'schema' in value && 'numRows' in value && 'getChildAt' in value;

const vectorsOf = (batch: BatchLike): readonly (readonly [string, unknown])[] =>
  batch.schema.fields.map(({ name }, index) => [name, batch.getChildAt(index)]);

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? `an object of ${value.constructor?.name ?? 'no class'}` : `a ${typeof value}`;
}

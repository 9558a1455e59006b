// Makes tensors of texts: one tokenizer for a thread's whole life, one tensor for each input that takes a part of the tokens.
import type { Dtype } from '../core/dtype.ts';
import type { NumberArray } from '../core/duckdb-vectors.ts';
import type { PreparedRow, Preparer, RawRow } from '../core/preparer.ts';
import type { TokenPart } from '../job/text-schema.ts';
import type { Tokens } from './post-processor.ts';
import { readTokenizer } from './read-tokenizer.ts';
import { paddingValue, type TextPlan } from './text-plan.ts';
import type { Tokenizer } from './tokenizer.ts';
import { UnknownWord } from './vocabulary.ts';

export class TextPreparer implements Preparer {
  readonly #plan: TextPlan;
  readonly #dtypes: readonly Dtype[];
  readonly #tokenizer: Tokenizer;

  private constructor(plan: TextPlan, dtypes: readonly Dtype[], tokenizer: Tokenizer) {
    this.#plan = plan;
    this.#dtypes = dtypes;
    this.#tokenizer = tokenizer;
  }

  /** Reads the tokenizer. `inputs` are in the order of the plan's parts. */
  static async open(plan: TextPlan, inputs: readonly { readonly dtype: Dtype }[]): Promise<Preparer> {
    const { tokenizer } = await readTokenizer(plan.tokenizerPath);
    return new TextPreparer(
      plan,
      inputs.map(({ dtype }) => dtype),
      tokenizer,
    );
  }

  async prepare(rows: readonly RawRow[]): Promise<readonly PreparedRow[]> {
    return rows.map(({ values }) => this.#prepareRow(values as readonly string[]));
  }

  #prepareRow(texts: readonly string[]): PreparedRow {
    const { truncation, parts } = this.#plan;
    let tokens: Tokens | null;
    try {
      tokens = this.#tokenizer.encode(texts, truncation);
    } catch (error) {
      if (!(error instanceof UnknownWord)) throw error;
      return { reason: 'text-unknown', message: error.message };
    }
    if (tokens === null) {
      const message = `the other text leaves no room for this one in ${truncation?.maxLength} tokens`;
      return { reason: 'text-too-long', message };
    }
    if (tokens.ids.length === 0) return { reason: 'text-empty', message: 'the tokenizer makes no tokens of this text' };
    return parts.map((part, index) => {
      const values = this.#valuesOf(part, this.#dtypes[index], tokens);
      return { values, shape: [values.length] };
    });
  }

  #valuesOf(part: TokenPart, dtype: Dtype, { ids, typeIds }: Tokens): NumberArray {
    const { length, padding } = this.#plan;
    const total = length ?? ids.length;
    const values = valuesFor(dtype, total);
    // The low halves of 64-bit integers: ids are small, and to make a BigInt of each takes ten times as long.
    const places = values instanceof BigInt64Array ? new Int32Array(values.buffer) : values;
    const step = values instanceof BigInt64Array ? 2 : 1;
    const first = padding.side === 'left' ? total - ids.length : 0;
    const filler = paddingValue(part, padding);
    for (let place = 0; place < total; place++) {
      const token = place - first;
      const isToken = token >= 0 && token < ids.length;
      places[place * step] = isToken ? tokenValue(part, token, ids, typeIds) : filler;
    }
    return values;
  }
}

function tokenValue(part: TokenPart, token: number, ids: readonly number[], typeIds: readonly number[]): number {
  switch (part) {
    case 'ids':
      return ids[token];
    case 'mask':
      return 1;
    case 'types':
      return typeIds[token];
    case 'positions':
      return token;
  }
}

function valuesFor(dtype: Dtype, length: number): Exclude<NumberArray, BigUint64Array> {
  switch (dtype) {
    case 'int64':
      return new BigInt64Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
    case 'int8':
      return new Int8Array(length);
    case 'bool':
    case 'uint8':
      return new Uint8Array(length);
    default:
      throw new Error(`tokens are never given as ${dtype}`);
  }
}

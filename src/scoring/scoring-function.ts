// The model as a function of SQL: the query that reads the rows gets their results in the same pass and writes both. Nothing is
// appended, joined or read a second time, and no result can stand in another row. DuckDB hands over at most 2,048 rows at a
// time and waits; the cuts of its chunks depend on the file and the split alone, so batches repeat.
import { type Chunk, type Connection, chunkRows, type Vector } from '../core/duckdb.ts';
import { numbersOf, rowsOf, stringsOf, structChildOf, vectorOf } from '../core/duckdb-vectors.ts';
import { quoteName } from '../core/sql.ts';
import { faultColumn, rowColumn, shardColumn } from '../source/source.ts';
import type { Stopwatch } from '../stats/stopwatch.ts';
import { addFaults } from './add-faults.ts';
import { Batch } from './batch.ts';
import type { Binding, ResultColumn } from './binding.ts';
import { storedType } from './choose-buffer.ts';
import { ChunkReader } from './chunk-reader.ts';
import { cutAtGrid } from './cut-at-grid.ts';
import { GatheredResults } from './gathered-results.ts';
import { type Packing, packingOf } from './packing.ts';
import { columnsBeside } from './part-query.ts';
import { resultColumnsSql } from './result-columns-sql.ts';
import type { ScoredBatch } from './score-batch.ts';
import type { ScoringJob } from './scoring-job.ts';

/** What scores the batches of one query. */
export interface QueryScorer {
  readonly stopwatch: Stopwatch;
  readonly score: (batch: Batch) => ScoredBatch;
}

/** The rows that a function takes, and how. */
export interface RowForm {
  /** Whether its relations tell faults of their rows. */
  readonly hasFaults: boolean;
  /** Whether inputs come packed where they can be. */
  readonly isPacked: boolean;
}

const resultName = 'scoremill_result';

/** Functions of one name would be overloads of each other. */
let defined = 0;

/** A row's results: whether it was scored, then the values of c0, c1, ... */
const resultType = (columns: readonly ResultColumn[]): string =>
  `STRUCT(${['scored BOOLEAN', ...columns.map((column, index) => `c${index} ${storedType(column)}`)].join(', ')})`;

export class ScoringFunction {
  readonly #binding: Binding;
  readonly #batchRows: number;
  readonly #hasFaults: boolean;
  /** By input; null where its columns come one by one. */
  readonly #packings: readonly (Packing | null)[];
  readonly #batch: Batch;
  readonly #results: GatheredResults;
  readonly #name = `scoremill_score_${defined++}`;
  #scorer: QueryScorer | null = null;

  private constructor({ binding, batchRows }: ScoringJob, { hasFaults, isPacked }: RowForm) {
    this.#binding = binding;
    this.#batchRows = batchRows;
    this.#hasFaults = hasFaults;
    this.#packings = binding.inputs.map((input) => (isPacked ? packingOf(input) : null));
    this.#batch = new Batch(binding.inputs, Math.min(batchRows, chunkRows));
    this.#results = new GatheredResults(binding.results);
  }

  /** Defines the function for a connection's database. */
  static async define(connection: Connection, job: ScoringJob, form: RowForm): Promise<ScoringFunction> {
    const made = new ScoringFunction(job, form);
    const parameterTypes = [];
    for (const type of [
      'INTEGER',
      'DOUBLE',
      ...(form.hasFaults ? ['VARCHAR'] : []),
      ...made.#features.map(({ type }) => type),
    ]) {
      parameterTypes.push(await connection.logicalType(type));
    }
    const returnType = await connection.logicalType(resultType(job.binding.results));
    const compute = (chunk: Chunk, result: Vector): void => made.#compute(chunk, result);
    connection.defineFunction({ name: made.#name, parameterTypes, returnType, compute });
    return made;
  }

  /** Whether any input comes packed: then a query fails with PackingRefused, or a cast in it, where that is not exact. */
  get isPacked(): boolean {
    return this.#packings.some((packing) => packing !== null);
  }

  get #features(): readonly Pick<Packing, 'sql' | 'type'>[] {
    return this.#binding.inputs.flatMap(({ columns }, index): readonly Pick<Packing, 'sql' | 'type'>[] => {
      const packing = this.#packings[index];
      return packing === null ? columns : [packing];
    });
  }

  /** A query of the scored rows of a relation: its columns beside the result columns. */
  scoredRows(relation: string): string {
    const beside = columnsBeside(this.#binding).map(quoteName);
    const features = this.#features.map(({ sql }) => sql);
    const hidden = [shardColumn, `${rowColumn}::DOUBLE`, ...(this.#hasFaults ? [faultColumn] : [])];
    const call = `${this.#name}(${[...hidden, ...features].join(', ')}) AS ${resultName}`;
    const results = resultColumnsSql(this.#binding.results, `k.${resultName}`);
    const columns = [...beside.map((name) => `k.${name}`), ...results];
    return `SELECT ${columns.join(', ')} FROM (SELECT ${[...beside, call].join(', ')} FROM ${relation}) k WHERE k.${resultName}.scored`;
  }

  /** Lets `scorer` score while a query runs. */
  async during<Value>(scorer: QueryScorer, query: () => Promise<Value>): Promise<Value> {
    this.#scorer = scorer;
    try {
      return await query();
    } finally {
      this.#scorer = null;
    }
  }

  #compute(chunk: Chunk, result: Vector): void {
    if (this.#scorer === null) throw new Error('the model is called outside of a split');
    const { stopwatch, score } = this.#scorer;
    stopwatch.enter('bind');
    const rows = rowsOf(chunk);
    const shards = numbersOf(vectorOf(chunk, 0), 'INTEGER', rows) as Int32Array;
    const numbers = numbersOf(vectorOf(chunk, 1), 'DOUBLE', rows) as Float64Array;
    const faults = this.#hasFaults ? stringsOf(vectorOf(chunk, 2), rows) : null;
    const reader = new ChunkReader(chunk, this.#hasFaults ? 3 : 2, rows, this.#binding.inputs, {
      packings: this.#packings,
    });
    const batch = this.#batch;
    for (const { shard, grid, from, to } of cutAtGrid(shards, numbers, rows, this.#batchRows)) {
      batch.begin(shard, grid);
      batch.rowNumbers.set(numbers.subarray(from, to));
      if (faults !== null) addFaults(batch, faults, from, to);
      reader.copy(batch, from, to);
      batch.rows = to - from;
      stopwatch.enter('infer');
      const scored = score(batch);
      stopwatch.enter('bind');
      this.#results.check(scored);
      this.#results.add(scored, { from: 0, count: batch.rows, to: from });
    }
    const columns = this.#binding.results.map((_, index) => structChildOf(result, index + 1));
    this.#results.write(structChildOf(result, 0), columns, rows);
    stopwatch.enter('read');
  }
}

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
import { columnsBeside } from './part-query.ts';
import { resultColumnsSql } from './result-columns-sql.ts';
import type { ScoredBatch } from './score-batch.ts';
import type { ScoringJob } from './scoring-job.ts';

/** What scores the batches of one query. */
export interface QueryScorer {
  readonly stopwatch: Stopwatch;
  readonly score: (batch: Batch) => ScoredBatch;
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
  readonly #batch: Batch;
  readonly #results: GatheredResults;
  readonly #name = `scoremill_score_${defined++}`;
  #scorer: QueryScorer | null = null;

  private constructor({ binding, batchRows }: ScoringJob, hasFaults: boolean) {
    this.#binding = binding;
    this.#batchRows = batchRows;
    this.#hasFaults = hasFaults;
    this.#batch = new Batch(binding.inputs, Math.min(batchRows, chunkRows));
    this.#results = new GatheredResults(binding.results);
  }

  /** Defines the function for a connection's database: once, for relations with faults and once for those without. */
  static async define(connection: Connection, job: ScoringJob, hasFaults: boolean): Promise<ScoringFunction> {
    const made = new ScoringFunction(job, hasFaults);
    const { inputs, results } = job.binding;
    const features = inputs.flatMap(({ columns }) => columns.map(({ type }) => type));
    const parameterTypes = [];
    for (const type of ['INTEGER', 'DOUBLE', ...(hasFaults ? ['VARCHAR'] : []), ...features]) {
      parameterTypes.push(await connection.logicalType(type));
    }
    const returnType = await connection.logicalType(resultType(results));
    const compute = (chunk: Chunk, result: Vector): void => made.#compute(chunk, result);
    connection.defineFunction({ name: made.#name, parameterTypes, returnType, compute });
    return made;
  }

  /** A query of the scored rows of a relation: its columns beside the result columns. */
  scoredRows(relation: string): string {
    const beside = columnsBeside(this.#binding).map(quoteName);
    const features = this.#binding.inputs.flatMap(({ columns }) => columns.map(({ sql }) => sql));
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
    const reader = new ChunkReader(chunk, this.#hasFaults ? 3 : 2, rows, this.#binding.inputs, []);
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

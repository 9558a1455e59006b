// How a worker reads the pieces of a JSON Lines split: by DuckDB's reader as they stand; where it is not entirely happy, or might
// take for JSON what is none, without the broken lines; and where it still is not, with lines written anew. Each way gives the
// same rows.

import type { Reject } from '../core/split.ts';
import { quoteName, quotePath, quoteText } from '../core/sql.ts';
import { problemOfLine } from './jsonl-line.ts';
import { type RewrittenLines, rewriteLines } from './jsonl-rewrite.ts';
import { JsonlScanner } from './jsonl-scanner.ts';
import { type ReadPiece, type ReadRequest, type Rows, rowColumn, shardColumn } from './source.ts';
import { bytesOf, mostRuns, numbered, rowsOf, runOf } from './text-pieces.ts';
import { scratchText } from './text-scratch.ts';
import { type SiftedText, siftText } from './text-sift.ts';
import { TextTable } from './text-table.ts';

const syntax = { kind: 'json', decimalComma: false, underscores: false } as const;

export async function readJsonl(pieces: readonly ReadPiece[], request: ReadRequest): Promise<Rows> {
  const filled = pieces.filter((piece) => rowsOf(piece) > 0);
  const table = await TextTable.create(request.connection, request.columns);
  try {
    const whole = filled.length === 0 || (await readQuickly(filled, table, request));
    return await table.rows(whole ? [] : await readSifted(filled, table, request));
  } catch (error) {
    await table.drop();
    throw error;
  }
}

/** What DuckDB's JSON parser takes for JSON and the standard does not: trailing commas, NaN and infinities; and a bare null for an object. */
const lenient = /,[ \t\r]*[\]}]|[:[,][ \t]*-?(?:nan|inf(?:inity)?)[ \t\r]*[,\]}]|^[ \t]*null/im;

async function readQuickly(pieces: readonly ReadPiece[], table: TextTable, request: ReadRequest): Promise<boolean> {
  let isSuspect = false;
  let before = '';
  const scratch = await scratchText(request.scratchFolder, pieces.map(bytesOf), (block) => {
    const text = before + block.toString('latin1');
    isSuspect ||= lenient.test(text);
    before = tailOf(text);
  });
  try {
    if (isSuspect) return false;
    const rows = pieces.reduce((sum, piece) => sum + rowsOf(piece), 0);
    return await table.insertIfWhole(rawObjects(scratch.path, pieces.map(runOf), request), rows);
  } finally {
    await scratch.remove();
  }
}

/** The last letters of a text without the blanks after them, for patterns that lie across the border of two blocks. */
function tailOf(text: string): string {
  const tail = text.trimEnd();
  return tail.slice(-16) + (text.includes('\n', tail.length) ? '\n' : '');
}

async function readSifted(
  pieces: readonly ReadPiece[],
  table: TextTable,
  request: ReadRequest,
): Promise<readonly Reject[]> {
  const sieve = { scanner: () => new JsonlScanner(), problemOf: problemOfLine };
  const sifted = await siftText(request.scratchFolder, pieces, sieve);
  try {
    if (sifted.rows === 0) return sifted.rejects;
    const { path, runs, rows, longestBytes } = sifted;
    const whole =
      runs.length <= mostRuns && (await table.insertIfWhole(rawObjects(path, runs, request, longestBytes), rows));
    if (!whole) await readRewritten(sifted, table, request);
  } finally {
    await sifted.remove();
  }
  return sifted.rejects;
}

async function readRewritten(sifted: SiftedText, table: TextTable, request: ReadRequest): Promise<void> {
  const lines = await rewriteLines(request.scratchFolder, sifted);
  try {
    const texts = request.columns.map(
      ({ name }) => `nullif(CAST(json_extract(object, ${quoteText(jsonPointer(name))}) AS VARCHAR), 'null')`,
    );
    await table.insert({ from: rewrittenObjects(lines), texts, syntax });
  } finally {
    await lines.remove();
  }
}

/** A key of no object: a second column keeps DuckDB from taking a line for the value of the only one. */
const absentKey = 'scoremill_absent';

function rawObjects(path: string, runs: Parameters<typeof numbered>[1], request: ReadRequest, longestBytes = 0) {
  const names = request.columns.map(({ name }) => name);
  const columns = [...names, absentKey].map((name) => `${quoteText(name)}: 'JSON'`);
  const values = names.map((name, index) => `CAST(${quoteName(name)} AS VARCHAR) AS c${index}`);
  const records = `(SELECT ${[...values, `CAST(${absentKey} AS VARCHAR) AS absent`].join(', ')} FROM ${readJsonCall(path, columns, longestBytes)})`;
  return { from: numbered(records, runs), texts: names.map((_, index) => `c${index}`), syntax };
}

const rewrittenObjects = ({ path, longestBytes }: RewrittenLines): string => {
  const columns = ["'shard': 'INTEGER'", "'row': 'BIGINT'", "'object': 'JSON'"];
  return `(SELECT shard AS ${shardColumn}, "row" AS ${rowColumn}, object FROM ${readJsonCall(path, columns, longestBytes)})`;
};

const leastObjectBytes = 16 * 1024 * 1024;

const readJsonCall = (path: string, columns: readonly string[], longestBytes: number): string =>
  `read_json(${quotePath(path)}, format = 'newline_delimited', auto_detect = false, \
maximum_object_size = ${Math.max(leastObjectBytes, longestBytes * 2)}, columns = {${columns.join(', ')}})`;

/** RFC 6901. */
const jsonPointer = (key: string): string => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

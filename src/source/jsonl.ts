// JSON Lines shards. DuckDB's reader parses pieces at full speed; a piece with which it is not entirely happy, or in which
// it might take for JSON what is none (trailing commas, NaN), is parsed again line by line, so that a broken line costs one row.
import { FailureError } from '../core/failure.ts';
import type { Reject, Shard } from '../core/split.ts';
import { quoteName, quotePath, quoteText } from '../core/sql.ts';
import { type CarefulLines, linesCarefully } from './jsonl-careful.ts';
import { columnsOfObjects, samplesOfObjects } from './jsonl-columns.ts';
import { parseLine } from './jsonl-line.ts';
import { JsonlScanner } from './jsonl-scanner.ts';
import { type ReadPiece, type ReadRequest, type Rows, rowColumn, type Source, shardColumn } from './source.ts';
import { bytesOf, numbered, rowsOf } from './text-pieces.ts';
import { profileTexts, type TextColumns, type TextFormat, type TextHead } from './text-profile.ts';
import { withoutLineEnd } from './text-scanner.ts';
import { scratchText } from './text-scratch.ts';
import { TextTable } from './text-table.ts';

/** Types are guessed from this many rows, and that many values of each column are shown. */
const guessRows = 1000;
const sampleRows = 100;

const jsonlFormat: TextFormat = {
  encoding: 'utf-8',
  headerRecords: 0,
  mustBeText: false,
  scanner: () => new JsonlScanner(),
  columnsOf,
};

export const jsonlSource: Source = {
  profile: (shards, request) => profileTexts(shards, request, jsonlFormat),
  read: readJsonl,
};

function columnsOf(shard: Shard, head: TextHead): TextColumns {
  const lineTexts = firstLines(head);
  const lines = lineTexts.map(parseLine);
  const [first] = lines;
  if (first === undefined) return { columns: [], samples: {} };
  const objects = lines.flatMap((line) => ('object' in line ? [line.object] : []));
  const opensArray = /^\s*\[/.test(head.bytes.toString('latin1', 0, 1024));
  if (opensArray && (objects.length === 0 || !isJson(lineTexts[0]))) {
    throw new FailureError({ reason: 'jsonl-is-an-array', path: shard.path });
  }
  if (objects.length === 0) {
    const message = 'malformed' in first ? first.malformed : '';
    throw new FailureError({ reason: 'jsonl-no-objects', path: shard.path, lines: lines.length, message });
  }
  const columns = columnsOfObjects(objects);
  return { columns, samples: samplesOfObjects(objects.slice(0, sampleRows), columns) };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The first whole lines of a text; of one that is a single long line, its beginning. */
function firstLines({ bytes, isWhole }: TextHead): string[] {
  const begins = new JsonlScanner().push(bytes);
  const whole = isWhole || begins.length === 1 ? begins.length : begins.length - 1;
  return Array.from({ length: Math.min(guessRows, whole) }, (_, index) =>
    withoutLineEnd(bytes.toString('latin1', begins[index], begins[index + 1] ?? bytes.length)),
  );
}

async function readJsonl(pieces: readonly ReadPiece[], request: ReadRequest): Promise<Rows> {
  const filled = pieces.filter((piece) => rowsOf(piece) > 0);
  const table = await TextTable.create(request.connection, request.columns);
  try {
    return await table.rows(filled.length === 0 ? [] : await readLines(filled, table, request));
  } catch (error) {
    await table.drop();
    throw error;
  }
}

/** What DuckDB's JSON parser takes for JSON and the standard does not: trailing commas, NaN and infinities; and a bare null for an object. */
const lenient = /,[ \t\r]*[\]}]|[:[,][ \t]*-?(?:nan|inf(?:inity)?)[ \t\r]*[,\]}]|^[ \t]*null/im;
const syntax = { kind: 'json', decimalComma: false, underscores: false } as const;

async function readLines(
  pieces: readonly ReadPiece[],
  table: TextTable,
  request: ReadRequest,
): Promise<readonly Reject[]> {
  let isSuspect = false;
  let before = '';
  const scratch = await scratchText(request.scratchFolder, pieces.map(bytesOf), (block) => {
    const text = before + block.toString('latin1');
    isSuspect ||= lenient.test(text);
    before = tailOf(text);
  });
  try {
    const names = request.columns.map(({ name }) => name);
    const texts = names.map((_, index) => `c${index}`);
    const raw = { from: numbered(readObjects(quotePath(scratch.path), names), pieces), texts, syntax };
    const rows = pieces.reduce((sum, piece) => sum + rowsOf(piece), 0);
    if (!isSuspect && (await table.insertIfWhole(raw, rows))) return [];
  } finally {
    await scratch.remove();
  }
  const lines = await linesCarefully(request.scratchFolder, pieces);
  try {
    const texts = request.columns.map(
      ({ name }) => `nullif(CAST(json_extract(object, ${quoteText(jsonPointer(name))}) AS VARCHAR), 'null')`,
    );
    await table.insert({ from: readNumberedObjects(lines), texts, syntax });
  } finally {
    await lines.remove();
  }
  return lines.rejects;
}

/** The last letters of a text without the blanks after them, for patterns that lie across the border of two blocks. */
function tailOf(text: string): string {
  const tail = text.trimEnd();
  return tail.slice(-16) + (text.includes('\n', tail.length) ? '\n' : '');
}

/** A relation of the values of some keys as JSON texts c0, c1, ... A second column keeps DuckDB from taking a line for the value of the only one. */
function readObjects(pathLiteral: string, names: readonly string[]): string {
  const columns = [...names, presentKey].map((name) => `${quoteText(name)}: 'JSON'`);
  const texts = names.map((name, index) => `CAST(${quoteName(name)} AS VARCHAR) AS c${index}`);
  return `(SELECT ${[...texts, `CAST(${presentKey} AS VARCHAR) AS present`].join(', ')} FROM ${readJsonCall(pathLiteral, columns)})`;
}

const presentKey = 'scoremill_present';

const readNumberedObjects = (lines: CarefulLines): string =>
  `(SELECT shard AS ${shardColumn}, "row" AS ${rowColumn}, object FROM ${readJsonCall(
    quotePath(lines.path),
    ["'shard': 'INTEGER'", "'row': 'BIGINT'", "'object': 'JSON'"],
    lines.longestBytes,
  )})`;

const leastObjectBytes = 16 * 1024 * 1024;

const readJsonCall = (pathLiteral: string, columns: readonly string[], longestBytes = 0): string =>
  `read_json(${pathLiteral}, format = 'newline_delimited', auto_detect = false, \
maximum_object_size = ${Math.max(leastObjectBytes, longestBytes)}, columns = {${columns.join(', ')}})`;

/** RFC 6901. */
const jsonPointer = (key: string): string => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

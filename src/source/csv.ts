// CSV shards. The scanner decides what a row is. DuckDB's reader parses pieces at full speed; a piece with which it is not
// entirely happy is parsed again record by record, so that a broken line costs one row.
import { FailureError } from '../core/failure.ts';
import type { Reject, Shard } from '../core/split.ts';
import { quoteName, quotePath } from '../core/sql.ts';
import type { CsvOptions } from '../job/schema.ts';
import { parseCarefully } from './csv-careful.ts';
import { columnNames, guessedType, mustDiffer, sampleValues } from './csv-columns.ts';
import { type CsvDialect, dialectOf, readCsvCall } from './csv-dialect.ts';
import { CsvScanner } from './csv-scanner.ts';
import type { ReadPiece, ReadRequest, Rows, Source } from './source.ts';
import { fileBlocks } from './text-file.ts';
import { bytesOf, numbered, rowsOf } from './text-pieces.ts';
import { markLengthOf, profileTexts, type TextColumns, type TextFormat, type TextHead } from './text-profile.ts';
import { withoutLineEnd } from './text-scanner.ts';
import { scratchText } from './text-scratch.ts';
import { TextTable } from './text-table.ts';

/** Types are guessed from this many rows, and that many values of each column are shown. */
const guessRows = 1000;
const sampleRows = 100;
const underscore = 95;

export const csvSource: Source = {
  profile: async (shards, request) => {
    mustBeAscii(request.csv);
    return profileTexts(shards, request, csvFormat(request.csv));
  },
  read: readCsv,
};

function mustBeAscii(options: CsvOptions): void {
  for (const option of ['quote', 'escape'] as const) {
    const letter = options[option];
    if (letter > '\u007f') throw new FailureError({ reason: 'csv-quote-not-ascii', option, letter });
  }
}

const csvFormat = (options: CsvOptions): TextFormat => ({
  encoding: options.encoding,
  headerRecords: options.header ? 1 : 0,
  mustBeText: true,
  scanner: (shard) => new CsvScanner(dialectOf(shard.path, options)),
  columnsOf: (shard, head) => columnsOf(shard, head, options),
});

function columnsOf(shard: Shard, head: TextHead, options: CsvOptions): TextColumns {
  const dialect = dialectOf(shard.path, options);
  const records = firstRecords(head, guessRows + 1, dialect);
  if (records.length === 0 && !head.isWhole) {
    throw new FailureError({ reason: 'csv-header-too-long', path: shard.path, bytes: head.bytes.length });
  }
  const names = columnNames(shard.path, records[0], options, dialect);
  const values = sampleValues(records.slice(options.header ? 1 : 0, guessRows + 1), names.length, dialect);
  const columns = names.map((name, index) => ({ name, type: guessedType(values[index], options.decimal) }));
  mustDiffer(shard.path, columns);
  return {
    columns,
    samples: Object.fromEntries(names.map((name, index) => [name, values[index].slice(0, sampleRows)])),
  };
}

/** The first whole records of a text, at most `most`. */
function firstRecords(head: TextHead, most: number, dialect: CsvDialect): string[] {
  const begins = new CsvScanner(dialect).push(head.bytes);
  const whole = head.isWhole ? begins.length : begins.length - 1;
  return Array.from({ length: Math.max(0, Math.min(most, whole)) }, (_, index) =>
    withoutLineEnd(head.bytes.toString('latin1', begins[index], begins[index + 1] ?? head.bytes.length)),
  );
}

async function readCsv(pieces: readonly ReadPiece[], request: ReadRequest): Promise<Rows> {
  const table = await TextTable.create(request.connection, request.columns);
  try {
    const unreadable: Reject[] = [];
    for (const group of await groupsOf(pieces, request.csv))
      unreadable.push(...(await readGroup(group, table, request)));
    return await table.rows(unreadable);
  } catch (error) {
    await table.drop();
    throw error;
  }
}

/** Pieces in a row whose files have the same columns and dialect: they are read as one text. */
interface Group {
  readonly names: readonly string[];
  readonly dialect: CsvDialect;
  readonly pieces: ReadPiece[];
}

async function groupsOf(pieces: readonly ReadPiece[], options: CsvOptions): Promise<Group[]> {
  const groups: Group[] = [];
  for (const piece of pieces) {
    if (rowsOf(piece) === 0) continue;
    const dialect = dialectOf(piece.source.path, options);
    const names = await namesOf(piece, options, dialect);
    const last = groups.at(-1);
    const fits = last?.dialect.delimiter === dialect.delimiter && last.names.join('\n') === names.join('\n');
    if (fits) last.pieces.push(piece);
    else groups.push({ names, dialect, pieces: [piece] });
  }
  return groups;
}

const headerBytes = [64 * 1024, 4 * 1024 * 1024];

async function namesOf(piece: ReadPiece, options: CsvOptions, dialect: CsvDialect): Promise<readonly string[]> {
  for (const bytes of headerBytes) {
    for await (const block of fileBlocks(piece.path, 0, bytes)) {
      const text = block.subarray(markLengthOf(block));
      const [first] = firstRecords({ bytes: text, isWhole: block.length < bytes }, 1, dialect);
      if (first !== undefined) return columnNames(piece.source.path, first, options, dialect);
    }
  }
  throw new FailureError({ reason: 'row-count-mismatch', path: piece.path, counted: rowsOf(piece), read: 0 });
}

async function readGroup(group: Group, table: TextTable, request: ReadRequest): Promise<Reject[]> {
  const { names, dialect, pieces } = group;
  const wanted = request.columns.map(({ name }) => {
    const index = names.indexOf(name);
    if (index === -1) throw new Error(`no column ${name} in ${pieces[0].path}`);
    return index;
  });
  const decimalComma = request.csv.decimal === ',';
  if (await readQuickly(group, wanted, table, request, decimalComma)) return [];
  const carefulTable = `${table.id}_texts`;
  try {
    const rejects = await parseCarefully(request.connection, carefulTable, pieces, dialect, names.length, wanted);
    const texts = wanted.map((_, index) => `t${index}`);
    const syntax = { kind: 'csv', decimalComma, underscores: true } as const;
    await table.insert({ from: quoteName(carefulTable), texts, syntax });
    return rejects;
  } finally {
    await request.connection.run(`DROP TABLE IF EXISTS ${quoteName(carefulTable)}`);
  }
}

/** Reads a group by DuckDB's reader, if that can be trusted with it; otherwise reads nothing and returns false. */
async function readQuickly(
  { names, dialect, pieces }: Group,
  wanted: readonly number[],
  table: TextTable,
  request: ReadRequest,
  decimalComma: boolean,
): Promise<boolean> {
  // With one field DuckDB takes blank lines for nulls.
  if (names.length === 1) return false;
  let underscores = false;
  let quotesApart = false;
  const meetsApart = quotesApartFinder(dialect.quote);
  const scratch = await scratchText(request.scratchFolder, pieces.map(bytesOf), (block) => {
    underscores ||= block.includes(underscore);
    quotesApart ||= meetsApart(block);
  });
  try {
    if (quotesApart) return false;
    const rows = pieces.reduce((sum, piece) => sum + rowsOf(piece), 0);
    const from = numbered(readCsvCall(quotePath(scratch.path), names.length, dialect), pieces);
    const texts = wanted.map((index) => `c${index}`);
    return await table.insertIfWhole({ from, texts, syntax: { kind: 'csv', decimalComma, underscores } }, rows);
  } finally {
    await scratch.remove();
  }
}

/** Looks for quotes with nothing but blanks between: DuckDB joins the two fields of `"a" "b"` to one. */
function quotesApartFinder(quote: string): (block: Buffer) => boolean {
  if (quote === '') return () => false;
  const letter = `\\x${quote.charCodeAt(0).toString(16).padStart(2, '0')}`;
  const apart = new RegExp(`${letter} +${letter}`);
  const atEnd = new RegExp(`${letter} *$`);
  let before = '';
  return (block) => {
    const text = before !== '' || block.includes(`${quote} `) ? before + block.toString('latin1') : '';
    before = atEnd.exec(block.toString('latin1', Math.max(0, block.length - 256)))?.[0] ?? '';
    return apart.test(text);
  };
}

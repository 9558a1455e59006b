// How a worker reads the pieces of a CSV split: straight from the bytes where nearly all of it is plain; else by DuckDB's reader as
// they stand; where it is not entirely happy, without the broken records; and where it still is not, with texts parsed here.
// Each way gives the same rows.
import type { Reject } from '../core/split.ts';
import { quoteName } from '../core/sql.ts';
import type { CsvOptions } from '../job/schema.ts';
import { dialectOf, readCsvCall } from './csv-dialect.ts';
import { columnNamesOfFile } from './csv-header.ts';
import { type PlainGroup, readPlainRows } from './csv-plain.ts';
import { plainRelation, readType } from './csv-plain-table.ts';
import { fieldsOf } from './csv-record.ts';
import { CsvScanner } from './csv-scanner.ts';
import { appendTexts } from './csv-texts.ts';
import type { ReadPiece, ReadRequest, Rows } from './source.ts';
import { bytesOf, mostRuns, numbered, type RowRun, rowsOf, runOf } from './text-pieces.ts';
import { scratchText } from './text-scratch.ts';
import { type SiftedText, siftText } from './text-sift.ts';
import { TextTable } from './text-table.ts';

const underscore = 95;

export async function readCsv(pieces: readonly ReadPiece[], request: ReadRequest): Promise<Rows> {
  const { connection, columns, csv } = request;
  const decimalComma = csv.decimal === ',';
  const groups = await groupsOf(pieces, csv);
  const wanted = columns.map((column) => ({ name: column.name, type: readType(column) }));
  const plain = await readPlainRows(groups, wanted, decimalComma);
  return plain === null ? readGroups(groups, request) : plainRelation(connection, plain, columns, decimalComma);
}

/** Reads groups of pieces with DuckDB's reader, where they are not plain. */
export async function readGroups(groups: readonly PlainGroup[], request: ReadRequest): Promise<Rows> {
  const table = await TextTable.create(request.connection, request.columns);
  try {
    const unreadable: Reject[] = [];
    for (const group of groups) {
      const reader = new GroupReader(group, table, request);
      unreadable.push(...(await reader.read()));
    }
    return await table.rows(unreadable);
  } catch (error) {
    await table.drop();
    throw error;
  }
}

/** Pieces in a row whose files have the same columns and dialect: they are read as one text. */
export async function groupsOf(pieces: readonly ReadPiece[], options: CsvOptions): Promise<PlainGroup[]> {
  const groups: (PlainGroup & { readonly pieces: ReadPiece[] })[] = [];
  for (const piece of pieces) {
    if (rowsOf(piece) === 0) continue;
    const dialect = dialectOf(piece.source.path, options);
    const names = await columnNamesOfFile(piece.path, options, dialect);
    const last = groups.at(-1);
    const fits = last?.dialect.delimiter === dialect.delimiter && last.names.join('\n') === names.join('\n');
    if (fits) last.pieces.push(piece);
    else groups.push({ names, dialect, pieces: [piece] });
  }
  return groups;
}

class GroupReader {
  readonly #group: PlainGroup;
  readonly #table: TextTable;
  readonly #request: ReadRequest;
  /** The fields of the requested columns. */
  readonly #wanted: readonly number[];

  constructor(group: PlainGroup, table: TextTable, request: ReadRequest) {
    this.#group = group;
    this.#table = table;
    this.#request = request;
    this.#wanted = request.columns.map(({ name }) => {
      const index = group.names.indexOf(name);
      if (index === -1) throw new Error(`no column ${name} in ${group.pieces[0].path}`);
      return index;
    });
  }

  async read(): Promise<readonly Reject[]> {
    if (await this.#readQuickly()) return [];
    const { dialect, names, pieces } = this.#group;
    const sifted = await siftText(this.#request.scratchFolder, pieces, {
      scanner: () => new CsvScanner(dialect),
      problemOf: (text) => {
        const split = fieldsOf(text, names.length, dialect);
        return 'malformed' in split ? split.malformed : null;
      },
    });
    try {
      if (sifted.rows > 0 && !(await this.#readSifted(sifted))) await this.#readTexts(sifted);
    } finally {
      await sifted.remove();
    }
    return sifted.rejects;
  }

  async #readQuickly(): Promise<boolean> {
    const { dialect, names, pieces } = this.#group;
    // With one field DuckDB takes blank lines for nulls.
    if (names.length === 1) return false;
    let underscores = false;
    let quotesApart = false;
    const meetsApart = quotesApartFinder(dialect.quote);
    const scratch = await scratchText(this.#request.scratchFolder, pieces.map(bytesOf), (block) => {
      underscores ||= block.includes(underscore);
      quotesApart ||= meetsApart(block);
    });
    try {
      if (quotesApart) return false;
      const rows = pieces.reduce((sum, piece) => sum + rowsOf(piece), 0);
      return await this.#insert(scratch.path, pieces.map(runOf), rows, underscores);
    } finally {
      await scratch.remove();
    }
  }

  async #readSifted({ path, runs, rows, longestBytes }: SiftedText): Promise<boolean> {
    return runs.length <= mostRuns && this.#insert(path, runs, rows, true, longestBytes);
  }

  async #readTexts(sifted: SiftedText): Promise<void> {
    const { connection } = this.#request;
    const textTable = `${this.#table.id}_texts`;
    try {
      await appendTexts(connection, textTable, sifted, this.#group.dialect, this.#group.names.length, this.#wanted);
      const texts = this.#wanted.map((_, index) => `t${index}`);
      await this.#table.insert({ from: quoteName(textTable), texts, syntax: this.#syntax(true) });
    } finally {
      await connection.run(`DROP TABLE IF EXISTS ${quoteName(textTable)}`);
    }
  }

  #insert(
    path: string,
    runs: readonly RowRun[],
    rows: number,
    underscores: boolean,
    longestBytes = 0,
  ): Promise<boolean> {
    const records = readCsvCall(path, this.#group.names.length, this.#group.dialect, longestBytes);
    const texts = this.#wanted.map((index) => `c${index}`);
    return this.#table.insertIfWhole({ from: numbered(records, runs), texts, syntax: this.#syntax(underscores) }, rows);
  }

  #syntax(underscores: boolean) {
    return { kind: 'csv', decimalComma: this.#request.csv.decimal === ',', underscores } as const;
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

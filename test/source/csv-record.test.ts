import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { csvSource } from '../../src/source/csv.ts';
import { type CsvDialect, readCsvCall } from '../../src/source/csv-dialect.ts';
import { fieldsOf } from '../../src/source/csv-record.ts';
import { CsvScanner } from '../../src/source/csv-scanner.ts';
import { recordsOf } from '../../src/source/text-scanner.ts';
import { TextBench } from './text-fixtures.ts';

const bench = new TextBench(csvSource);
const standard: CsvDialect = { delimiter: ',', quote: '"', escape: '"', nullValues: [''] };
const dialects: readonly CsvDialect[] = [
  standard,
  { ...standard, escape: '\\' },
  { ...standard, escape: '' },
  { ...standard, quote: '', escape: '' },
  { ...standard, delimiter: '\t' },
  { ...standard, delimiter: ';', quote: "'", escape: "'" },
];

const fieldsIn = (text: string, count: number, dialect = standard): readonly string[] | string => {
  const split = fieldsOf(text, count, dialect);
  return 'fields' in split ? split.fields : split.malformed;
};

describe('a record', () => {
  it.each([
    ['a,b', ['a', 'b']],
    ['"a,b",""', ['a,b', '']],
    ['"a""b",c"d', ['a"b', 'c"d']],
    [' "a" ,  "b"', ['a', '  "b"']],
    ['a,b,', ['a', 'b']],
    ['a,b,,""', ['a', 'b']],
    [',', ['', '']],
    ['a', '2 fields expected, 1 found'],
    ['a,b,c', '2 fields expected, 3 found'],
    ['"a"b,c', 'text follows the closing quote of field 1'],
    ['a,"b', 'a quote is opened and not closed'],
  ])('%j has the fields %j', (text, expected) => expect(fieldsIn(text, 2)).toEqual(expected));
});

/** Texts that look like CSV and go wrong in every way, the same ones every time. */
function* texts(count: number): Generator<{ text: string; columns: number; dialect: CsvDialect }> {
  let state = 7;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % limit;
  };
  for (let i = 0; i < count; i++) {
    const dialect = dialects[below(dialects.length)];
    const columns = 2 + below(2);
    const { delimiter, quote, escape: escaping } = dialect;
    const letters = ['a', 'é', ' ', '\n', '\r\n', '\r', quote, quote + quote, escaping, delimiter, '\\'];
    const field = (): string => {
      const text = Array.from({ length: below(4) }, () => letters[below(below(3) === 0 ? letters.length : 3)]).join('');
      const quoted = below(3) === 0 ? `${quote}${text}${quote}` : text;
      return below(8) === 0 ? ` ${quoted}` : below(12) === 0 ? `${quoted} z` : quoted;
    };
    const row = (): string => Array.from({ length: below(8) === 0 ? 1 + below(4) : columns }, field).join(delimiter);
    yield {
      text: `${Array.from({ length: 1 + below(4) }, row).join(below(9) === 0 ? '\n\n' : '\n')}\n`,
      columns,
      dialect,
    };
  }
}

async function recordsIn(text: Buffer, dialect: CsvDialect, blockBytes: number): Promise<string[] | 'open'> {
  async function* blocks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < text.length; at += blockBytes) yield text.subarray(at, at + blockBytes);
  }
  const scanner = new CsvScanner(dialect);
  const records: string[] = [];
  for await (const some of recordsOf(blocks(), scanner, 0)) records.push(...some.map((record) => record.text));
  return scanner.openQuote === undefined ? records : 'open';
}

describe('the records of a text', () => {
  it('are the same in blocks of any size', async () => {
    for (const { text, dialect } of texts(300)) {
      const bytes = Buffer.from(text);
      const whole = await recordsIn(bytes, dialect, bytes.length);
      for (const blockBytes of [1, 2, 3, 7]) expect(await recordsIn(bytes, dialect, blockBytes)).toEqual(whole);
    }
  });

  it('are never read otherwise by DuckDB, where it reads as many', async () => {
    let compared = 0;
    for (const { text, columns, dialect } of texts(600)) {
      const records = await recordsIn(Buffer.from(text), dialect, 1 << 20);
      const { quote } = dialect;
      const joinsFields = quote !== '' && new RegExp(`${quote} +${quote}`).test(text);
      if (records === 'open' || records.length === 0 || joinsFields) continue;
      const path = join(bench.folder, 'compared.csv');
      writeFileSync(path, text);
      const query = `SELECT * FROM ${readCsvCall(path, columns, dialect)}`;
      const rows = await bench.connection.rows(query).catch(() => []);
      if (rows.length !== records.length) continue;
      const ours = records.map((record) => fieldsIn(record, columns, dialect));
      const theirs = rows.map((row) =>
        Object.values(row).map((field) => Buffer.from(`${field ?? ''}`).toString('latin1')),
      );
      expect({ text, records: theirs }).toEqual({ text, records: ours });
      compared++;
    }
    expect(compared).toBeGreaterThan(150);
  });
});

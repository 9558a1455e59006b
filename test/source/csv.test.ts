import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { csvSource } from '../../src/source/csv.ts';
import { corpora } from '../corpora.ts';
import { failuresOf, pieceOf, shardAt, TextBench } from './text-fixtures.ts';

const bench = new TextBench(csvSource);

describe('names and types', () => {
  it('guesses a type only where the texts would come back the same', async () => {
    const shard = bench.write(
      'types.csv',
      'id,zip,price,flag,day,big,mixed,empty,blank\n1,00123,1.50,true,2024-01-02,12345678901234567890,1,,\n-2,99999,2,False,2024-01-03,1,2.5,, 7\n',
    );
    const [profile] = await bench.profile(shard);
    expect(profile).toEqual({
      columns: [
        { name: 'id', type: 'BIGINT' },
        { name: 'zip', type: 'VARCHAR' },
        { name: 'price', type: 'DOUBLE' },
        { name: 'flag', type: 'BOOLEAN' },
        { name: 'day', type: 'VARCHAR' },
        { name: 'big', type: 'VARCHAR' },
        { name: 'mixed', type: 'DOUBLE' },
        { name: 'empty', type: 'VARCHAR' },
        { name: 'blank', type: 'BIGINT' },
      ],
      rows: 2,
      starts: [{ row: 0, byte: 44 }],
      endByte: 136,
      decodedBytes: 136,
      samples: {
        id: ['1', '-2'],
        zip: ['00123', '99999'],
        price: ['1.50', '2'],
        flag: ['true', 'False'],
        day: ['2024-01-02', '2024-01-03'],
        big: ['12345678901234567890', '1'],
        mixed: ['1', '2.5'],
        empty: [null, null],
        blank: [null, ' 7'],
      },
    });
  });

  it('keeps names as they are and names a column without one after its place', async () => {
    const [profile] = await bench.profile(bench.write('names.csv', '\ufeff,Temp (°C) ," a,""b"""\n0,1,2\n'));
    expect(profile.columns.map(({ name }) => name)).toEqual(['column0', 'Temp (°C) ', ' a,"b"']);
    expect(profile.starts).toEqual([{ row: 0, byte: 27 }]);
  });

  it('names the columns of a file without header as the job says, or after their places', async () => {
    const shard = bench.write('headerless.csv', '1,x\n2,y\n');
    expect(
      await bench.read(shard, { a: 'BIGINT', b: 'VARCHAR' }, { header: false, columns: ['a', 'b'] }),
    ).toMatchObject({
      rows: [
        [1n, 'x'],
        [2n, 'y'],
      ],
    });
    const [profile] = await bench.profile(shard, { header: false });
    expect(profile.columns.map(({ name }) => name)).toEqual(['column0', 'column1']);
    expect(await failuresOf(bench.profile(shard, { header: false, columns: ['a'] }))).toEqual([
      { reason: 'csv-columns-count', path: shard.path, named: 1, found: 2 },
    ]);
  });

  it('takes a tab for the delimiter of .tsv files', async () => {
    expect(await bench.read(bench.write('a.tsv', 'a\tb,c\n1\t2,3\n'))).toMatchObject({ rows: [[1n, '2,3']] });
    expect(await bench.read(bench.write('b.tsv', 'a;b\n1;2\n'), undefined, { delimiter: ';' })).toMatchObject({
      rows: [[1n, 2n]],
    });
  });

  it('has columns and no rows where there is only a header', async () => {
    const shard = bench.write('header.csv', 'a,b\n');
    const [profile] = await bench.profile(shard);
    expect(profile).toMatchObject({ rows: 0, starts: [{ row: 0, byte: 4 }], endByte: 4 });
    expect(await bench.read(shard)).toMatchObject({ rows: [], hasFaults: false, unreadable: [] });
  });
});

describe('rows', () => {
  it('reads quoted delimiters, quotes and line ends', async () => {
    const shard = bench.write('quotes.csv', 'a,b,c\n"x,1","say ""hi""","two\nlines"\n,"",z\n');
    expect(await bench.read(shard)).toMatchObject({
      rows: [
        ['x,1', 'say "hi"', 'two\nlines'],
        [null, null, 'z'],
      ],
      numbers: [0, 1],
    });
  });

  it.each([
    ['LF', 'a,b\n1,2\n3,4\n'],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['CR', 'a,b\r1,2\r3,4\r'],
    ['mixed', 'a,b\r\n1,2\n3,4\r'],
    ['blank lines', '\n\na,b\n\n1,2\n\n\n3,4\n\n'],
    ['no end at the last line', 'a,b\n1,2\n3,4'],
    ['a trailing delimiter', 'a,b\n1,2,\n3,4,\n'],
  ])('reads the same rows with line ends of kind %s', async (kind, text) => {
    expect(await bench.read(bench.write(`ends ${kind}.csv`, text))).toMatchObject({
      rows: [
        [1n, 2n],
        [3n, 4n],
      ],
      numbers: [0, 1],
      unreadable: [],
    });
  });

  it('skips blank lines of a file with one column as well', async () => {
    expect(await bench.read(bench.write('one.csv', 'a\n1\n\n""\n3\n'))).toMatchObject({
      rows: [[1n], [null], [3n]],
      numbers: [0, 1, 2],
    });
  });

  it('rejects lines that are no rows, each with its line, and reads the others', async () => {
    const text = 'a,b,c\n1,"x\ny",3\n1,2\n1,2,3,4\n"p"q,5,6\n\n7,8,9\n';
    expect(await bench.read(bench.write('malformed.csv', text), { c: 'INTEGER', a: 'VARCHAR' })).toEqual({
      rows: [
        [3, '1'],
        [9, '7'],
      ],
      numbers: [0, 4],
      shards: [0, 0],
      faults: [null, null],
      hasFaults: false,
      unreadable: [
        malformed(1, 'line 4 is malformed: 3 fields expected, 2 found', '1,2'),
        malformed(2, 'line 5 is malformed: 3 fields expected, 4 found', '1,2,3,4'),
        malformed(3, 'line 6 is malformed: text follows the closing quote of field 1', '"p"q,5,6'),
      ],
    });
  });

  const malformed = (row: number, message: string, content: string): object => ({
    shard: 0,
    row,
    reason: 'malformed-line',
    column: null,
    message,
    content,
  });

  it('reads line ends of any kind inside quotes', async () => {
    const shard = bench.write('inside.csv', 'a,b\r\n1,"x\ry"\r\n2,"x\r\ny"\r\n3,"x\ny"\r\nbroken\r\n5,z\r\n');
    expect(await bench.read(shard)).toMatchObject({
      rows: [
        [1n, 'x\ry'],
        [2n, 'x\r\ny'],
        [3n, 'x\ny'],
        [5n, 'z'],
      ],
      numbers: [0, 1, 2, 4],
      unreadable: [{ row: 3, message: expect.stringMatching(/^line 8 /) }],
    });
  });

  it('reads what is left where every other line is broken', async () => {
    const lines = Array.from({ length: 25_000 }, (_, row) => (row % 2 === 0 ? `${row},x` : 'broken'));
    const read = await bench.read(bench.write('every-other.csv', `a,b\n${lines.join('\n')}`), { a: 'INTEGER' });
    const even = Array.from({ length: 12_500 }, (_, index) => index * 2);
    expect(read.rows.flat()).toEqual(even);
    expect(read.numbers).toEqual(even);
    expect(read.unreadable.map(({ row }) => row)).toEqual(even.map((row) => row + 1));
  });

  it('reads fields of many megabytes', async () => {
    const long = 'x'.repeat(40 * 1024 * 1024);
    const shard = bench.write('long.csv', `a,b\n1,"${long}"\n2,y\n`);
    expect(await bench.read(shard, { a: 'INTEGER' })).toMatchObject({ rows: [[1], [2]], unreadable: [] });
  });

  it('reads the same texts carefully as quickly', async () => {
    const rows = ['1,x_1,"a b"', '007,,é', '3, "c, d" ,"say ""x"""', '4,NA,-', '5,\'q\',"two\nlines"', '6,a"b,""'];
    const types = { a: 'INTEGER', b: 'VARCHAR', c: 'VARCHAR' };
    const nulls = { nullValues: ['', 'NA', '-'] };
    const quick = await bench.read(bench.write('quick.csv', `a,b,c\n${rows.join('\n')}\n`), types, nulls);
    const careful = await bench.read(bench.write('careful.csv', `a,b,c\n${rows.join('\n')}\nbroken\n`), types, nulls);
    expect(quick.rows).toEqual([
      [1, 'x_1', 'a b'],
      [7, null, 'é'],
      [3, 'c, d', 'say "x"'],
      [4, null, null],
      [5, "'q'", 'two\nlines'],
      [6, 'a"b', null],
    ]);
    expect(careful).toEqual({ ...quick, unreadable: [expect.objectContaining({ row: 6 })] });
  });

  it('reads with other quotes, escapes and delimiters, and without quotes', async () => {
    expect(await bench.read(bench.write('escape.csv', 'a,b\n"x\\"y",1\n'), undefined, { escape: '\\' })).toMatchObject({
      rows: [['x"y', 1n]],
    });
    expect(
      await bench.read(bench.write('apostrophe.csv', "a;b\n'x;y';1\n"), undefined, {
        quote: "'",
        escape: "'",
        delimiter: ';',
      }),
    ).toMatchObject({ rows: [['x;y', 1n]] });
    expect(await bench.read(bench.write('section.csv', 'a§b\n"x§y"§1\n'), undefined, { delimiter: '§' })).toMatchObject(
      {
        rows: [['x§y', 1n]],
      },
    );
    expect(await bench.read(bench.write('none.csv', 'a,b\n"x,1\n5" pipe,2\n'), undefined, { quote: '' })).toMatchObject(
      {
        rows: [
          ['"x', 1n],
          ['5" pipe', 2n],
        ],
      },
    );
  });

  it('joins pieces of many files with columns in any order, each row with its shard and number', async () => {
    const texts = ['a,b\n1,x\n2,y\n', 'b,a\nz,3\n', 'b,a\nv,4', 'b,a\n', 'b,a\nw,5\nu,6\n'];
    const shards = texts.map((text, index) => ({ ...bench.write(`many${index}.csv`, text), index }));
    expect(await bench.read(shards, { b: 'VARCHAR', a: 'TINYINT' })).toMatchObject({
      rows: [
        ['x', 1],
        ['y', 2],
        ['z', 3],
        ['v', 4],
        ['w', 5],
        ['u', 6],
      ],
      shards: [0, 0, 1, 2, 4, 4],
      numbers: [0, 1, 0, 0, 0, 1],
    });
  });

  it('finds the broken line of one file among many', async () => {
    const texts = ['a,b\n1,x\n', 'a,b\n2,y\nbroken\n3,z\n', 'a,b\n4,v\n'];
    const shards = texts.map((text, index) => ({ ...bench.write(`among${index}.csv`, text), index }));
    const read = await bench.read(shards);
    expect(read).toMatchObject({ shards: [0, 1, 1, 2], numbers: [0, 0, 2, 0], unreadable: [{ shard: 1, row: 1 }] });
    expect(read.rows.map(([a]) => a)).toEqual([1n, 2n, 3n, 4n]);
  });

  it('begins to read anywhere in a large file', async () => {
    const lines = Array.from({ length: 200_000 }, (_, row) => `${row},"text of ${row},${'x'.repeat(60)}"`);
    lines[150_000] = 'broken';
    const shard = bench.write('large.csv', `id,text\n${lines.join('\n')}\n`);
    const [profile] = await bench.profile(shard, {}, 1000);
    expect(profile.rows).toBe(200_000);
    expect(profile.starts.length).toBeGreaterThan(3);
    expect(profile.starts.every(({ row }) => row % 1000 === 0)).toBe(true);
    const [from, to] = [profile.starts.at(-2)!.row, profile.starts.at(-1)!.row];
    const read = await bench.readPieces([pieceOf(shard, profile, from, to)], { id: 'INTEGER' });
    const numbers = Array.from({ length: to - from }, (_, index) => from + index).filter((row) => row !== 150_000);
    expect(read.rows.flat()).toEqual(numbers);
    expect(read.numbers).toEqual(numbers);
    const broken =
      from <= 150_000 && 150_000 < to ? [{ row: 150_000, message: expect.stringMatching(/^line 150002 /) }] : [];
    expect(read.unreadable).toMatchObject(broken);
  });

  it('reads the file that was meant where names hold glob letters', async () => {
    const files = { '[x].csv': 1n, 'x.csv': 2n, 'a*b.csv': 3n, 'aXb.csv': 4n, 'a?c.csv': 5n, 'aYc.csv': 6n };
    for (const [name, value] of Object.entries(files)) bench.write(name, `v,w\n${value},0\n`);
    for (const [name, value] of Object.entries(files)) {
      expect(await bench.read(shardAt(`${bench.folder}/${name}`))).toMatchObject({ rows: [[value, 0n]] });
    }
  });

  it('reads rows of which no column is asked for', async () => {
    const shard = bench.write('none asked.csv', 'a,b\n1,2\nbroken\n3,4\n');
    expect(await bench.read(shard, {})).toMatchObject({ numbers: [0, 2], hasFaults: false, unreadable: [{ row: 1 }] });
  });

  it('refuses a file that has other rows than were counted', async () => {
    const shard = bench.write('changed.csv', 'a,b\n1,2\n3,4\n');
    const pieces = await bench.pieces(shard);
    bench.write('changed.csv', 'a,b\n1,2222222');
    expect(await failuresOf(bench.readPieces(pieces, { a: 'INTEGER' }))).toEqual([
      { reason: 'row-count-mismatch', path: shard.path, counted: 2, read: 1 },
    ]);
  });
});

describe.skipIf(!corpora.available)('files that others wrote', () => {
  it.each([
    'comma_in_quotes',
    'empty',
    'empty_crlf',
    'escaped_quotes',
    'json',
    'newlines',
    'newlines_crlf',
    'quotes_and_newlines',
    'simple',
    'simple_crlf',
    'utf8',
  ])('reads %s of csv-spectrum as its JSON says', async (name) => {
    const shard = shardAt(corpora.path('csv-spectrum', 'csvs', `${name}.csv`));
    const expected: Record<string, string>[] = JSON.parse(
      readFileSync(corpora.path('csv-spectrum', 'json', `${name}.json`), 'utf8'),
    );
    const [{ columns }] = await bench.profile(shard);
    const types = Object.fromEntries(columns.map((column) => [column.name, 'VARCHAR']));
    const read = await bench.read(shard, types, { nullValues: [] });
    expect(read.rows).toEqual(expected.map((row) => columns.map((column) => row[column.name])));
    expect(read.unreadable).toEqual([]);
  });
});

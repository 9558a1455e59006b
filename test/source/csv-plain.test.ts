// CSV read straight from the bytes against DuckDB's reader and the SQL of text-values.ts, which it must equal value by value.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { csvSource } from '../../src/source/csv.ts';
import { CsvFields } from '../../src/source/csv-fields.ts';
import { bytesBeyond } from '../../src/source/csv-numbers.ts';
import { readPlainRows } from '../../src/source/csv-plain.ts';
import { groupsOf, readGroups } from '../../src/source/csv-read.ts';
import type { ReadColumn } from '../../src/source/source.ts';
import { conversionOf } from '../../src/source/text-values.ts';
import { TypedColumn } from '../../src/source/typed-columns.ts';
import { csvOptions, TextBench } from './text-fixtures.ts';

const bench = new TextBench(csvSource);
/** The same files, and never by the way under test. */
const byDuckDb = new TextBench({
  profile: csvSource.profile,
  read: async (pieces, request) => readGroups(await groupsOf(pieces, request.csv), request),
});

/** Numbers below a limit, the same ones every time. */
function randomBelow(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * limit);
  };
}

const digits = (count: number, below: (limit: number) => number): string =>
  Array.from({ length: count }, () => below(10)).join('');

/** Texts of numbers and of what looks like one: of any length, near the middle between two floats, and broken. */
function* numberTexts(count: number): Generator<string> {
  const below = randomBelow(11);
  const bits = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < count; i++) {
    const sign = below(3) === 0 ? '-' : '';
    const kind = below(9);
    if (kind === 0) yield sign + digits(1 + below(22), below);
    else if (kind === 1) yield `${sign}${digits(below(4), below)}.${digits(below(32), below)}`;
    else if (kind === 2)
      yield `${sign}${digits(1 + below(3), below)}.${digits(1 + below(18), below)}e${below(90) - 45}`;
    else if (kind === 3) {
      bits.setUint32(0, below(2 ** 31));
      bits.setUint32(4, below(2 ** 31) * 2);
      const value = bits.getFloat64(0);
      yield Number.isFinite(value) ? value.toPrecision(1 + below(17)) : sign;
    } else if (kind === 4) yield String(sign + below(2 ** 31) / 10 ** below(9));
    else if (kind === 5) {
      // The middle between two floats, and one digit beside it.
      bits.setFloat32(0, 1 + below(2 ** 23) / 2 ** 23);
      const middle = (bits.getFloat32(0) + 2 ** -24) * 2 ** (below(50) - 25);
      yield below(2) === 0 ? middle.toPrecision(60) : `${middle.toPrecision(30)}${below(3) === 0 ? '' : '1'}`;
    } else if (kind === 6)
      yield `${sign}${below(3) === 0 ? 0 : below(300)}${['', '.', '.0', 'e3', 'E+2', 'e-1', 'e', '.e1'][below(8)]}`;
    else if (kind === 7)
      yield [
        'NaN',
        '-inf',
        'Infinity',
        'nan',
        '-nan',
        '+1',
        ' 1',
        '1 ',
        '1_000',
        '0x1F',
        '007',
        '-0',
        '00',
        '.5',
        '-.5',
        '5.',
        '.',
        '-',
        '1e400',
        '1e-400',
        '3.4028236e38',
        '1e38',
        '4e38',
        '9007199254740993',
        '16777217',
        '1e22',
        '1e23',
        '123456789012345678901234567890',
        '2147483648',
        '-129',
        '65536',
        '-1',
        '255',
        '1.0',
        'true',
        '',
      ][below(36)];
    else yield digits(1 + below(5), below).replace(/.$/, (digit) => digit + 'xeE.-+ _'[below(8)] + digit);
  }
}

describe('numbers from bytes', () => {
  it.each(['FLOAT', 'DOUBLE', 'TINYINT', 'BIGINT', 'UINTEGER', 'BOOLEAN'])(
    'are what SQL makes of their texts, or are left to it: %s',
    async (type) => {
      const texts = [...new Set(numberTexts(4000))];
      const path = join(bench.folder, `numbers-${type}.csv`);
      writeFileSync(path, texts.map((text, index) => `${index};${text}`).join('\n'));
      // Kept as guessed, so that a text which would not come back is a fault, too.
      const conversion = conversionOf(
        { name: 'v', type, exactText: true },
        { kind: 'csv', decimalComma: false, underscores: true },
      );
      const expected = await bench.connection.rows<{ v: unknown; fault: boolean }>(
        `SELECT v, ${conversion.isFault('r', 'v')} AS fault FROM (SELECT *, ${conversion.value('r')} AS v FROM (SELECT i::INTEGER AS i, coalesce(t, '') AS r FROM read_csv('${path}', header = false, delim = ';', quote = '', columns = {i: 'VARCHAR', t: 'VARCHAR'}))) ORDER BY i`,
      );
      const column = new TypedColumn(type, 1);
      const fields = new CsvFields({
        dialect: { delimiter: ';', quote: '"', escape: '"', nullValues: [] },
        decimalComma: false,
        columns: [column],
      });
      let certain = 0;
      const found = texts.map((text, index) => {
        const bytes = Buffer.from(`${text}\n${'7'.repeat(bytesBeyond)}`);
        fields.use(bytes);
        if (!fields.set(0, 0, bytes.length - bytesBeyond)) return expected[index];
        certain++;
        const [value] = column.numbers!;
        return { v: type === 'BOOLEAN' ? value === 1 : value, fault: false };
      });
      expect(found).toEqual(expected);
      expect(certain).toBeGreaterThan(
        { FLOAT: 1200, DOUBLE: 1500, BIGINT: 100, UINTEGER: 100, TINYINT: 20 }[type] ?? 0,
      );
    },
  );
});

const fieldsOfKinds: Readonly<Record<string, readonly string[]>> = {
  FLOAT: ['1.5', '-0.25', '7', '', 'NA', 'nan', '"2.5"', '1e3', '0.123456789012345678', ' 1', 'x', '1_0', '"1""2"'],
  DOUBLE: ['1.5', '0.1234567890123456', '', '"3"', '12345678901234567890', '-inf', '1,5', 'x'],
  INTEGER: ['1', '-5', '', '"12"', '1.0', '007', 'NA', '2147483648', 'x'],
  BIGINT: ['1', '-9007199254740991', '123456789012345', '1234567890123456789', '', '1e3', 'y'],
  BOOLEAN: ['true', 'False', '"true"', '', 't', '1', 'maybe'],
  VARCHAR: [
    'a',
    '',
    'NA',
    '"a,b"',
    '"two\nlines"',
    '"say ""x"""',
    'é',
    'a much longer text, or so',
    '"a much longer text, quoted"',
    ' "b" ',
    'c"d',
    '"x" y',
  ],
  'DECIMAL(9,2)': ['1.50', '2', '', '1.234', '"7.5"', 'z'],
  DATE: ['2024-01-02', '', '"2024-01-03"', '2024-13-01'],
};

describe('rows from bytes', () => {
  it('are those of DuckDB, with the same faults and rejects', async () => {
    const below = randomBelow(5);
    const types = Object.keys(fieldsOfKinds);
    let plain = 0;
    for (let round = 0; round < 12; round++) {
      const chosen = Array.from({ length: 1 + below(4) }, () => types[below(types.length)]);
      const wanted: readonly ReadColumn[] = chosen.map((type, index) => ({
        name: `c${index}`,
        type,
        exactText: below(3) === 0,
      }));
      const oddity = [0, 12, 4][below(3)];
      const end = ['\n', '\r\n', '\n\n'][below(3)];
      const field = (type: string): string => {
        const values = fieldsOfKinds[type];
        return values[oddity > 0 && below(oddity) === 0 ? below(values.length) : below(2)];
      };
      const row = (): string => {
        const values = chosen.map(field);
        if (oddity > 0 && below(oddity * 10) === 0) values[below(2) === 0 ? 'push' : 'pop']('');
        return ['kept out', ...values, below(9) === 0 ? '"s,t"' : 'u'].join(',');
      };
      const text =
        ['a', ...wanted.map(({ name }) => name), 'z'].join(',') +
        end +
        Array.from({ length: 1 + below(90) }, row).join(end) +
        (below(2) === 0 ? end : '');
      const csv = { nullValues: [['', 'NA'], [''], ['1.5', '', '1'], []][below(4)] };
      const shard = bench.write(`rows-${round}.csv`, text);
      const columns = [...wanted].reverse();
      const pieces = await bench.pieces(shard, csv);
      const read = await bench.readPieces(pieces, columns, csv);
      expect({ text, ...read }).toEqual({ text, ...(await byDuckDb.readPieces(pieces, columns, csv)) });
      const groups = await groupsOf(pieces, csvOptions(csv));
      const types_ = columns.map(({ name, type }) => ({ name, type: /DEC|DATE/.test(type) ? 'VARCHAR' : type }));
      if ((await readPlainRows(groups, types_, false)) !== null) plain++;
    }
    expect(plain).toBe(12);
  });

  it('are the same where records lie across the blocks of a file, and texts are long', async () => {
    const lines = Array.from({ length: 12_000 }, (_, row) => {
      const text = 'lorem ipsum '.repeat(row % 80);
      return `${row},${row / 7},"${text}",${row % 3 === 0 ? '' : `t${row}`},${row % 1000 === 999 ? '"x ""y"" z"' : 'short'}`;
    });
    lines[10_000] = 'broken';
    const shard = bench.write('blocks.csv', `id,v,text,t,u\n${lines.join('\n')}`);
    const columns = [
      { name: 'text', type: 'VARCHAR' },
      { name: 'id', type: 'BIGINT', exactText: true },
      { name: 'v', type: 'FLOAT' },
      { name: 't', type: 'VARCHAR' },
      { name: 'u', type: 'VARCHAR' },
    ];
    const read = await bench.read(shard, columns);
    expect(read.unreadable).toMatchObject([
      { row: 10_000, message: 'line 10002 is malformed: 5 fields expected, 1 found' },
    ]);
    expect(read).toEqual(await byDuckDb.read(shard, columns));
  });

  it('are left to DuckDB where delimiters have several letters, numbers have commas like them, or many records are odd', async () => {
    const odd = `a,b\n${'1,"say ""x"""\n'.repeat(5000)}`;
    for (const [name, text, csv] of [
      ['wide', 'a§b\n1§x\n', { delimiter: '§' }],
      ['commas', 'a,b\n"1,5",x\n', { decimal: ',' }],
      ['odd', odd, {}],
    ] as const) {
      const pieces = await bench.pieces(bench.write(`left-${name}.csv`, text), csv);
      const wanted = [
        { name: 'a', type: 'DOUBLE' },
        { name: 'b', type: 'VARCHAR' },
      ];
      const groups = await groupsOf(pieces, csvOptions(csv));
      expect(await readPlainRows(groups, wanted, name === 'commas')).toBeNull();
      expect(await bench.readPieces(pieces, wanted, csv)).toEqual(await byDuckDb.readPieces(pieces, wanted, csv));
    }
  });

  it('read a decimal comma', async () => {
    const shard = bench.write('comma.csv', 'a;b\n1,5;2\n-0,25;1.5\n"1234,5678";x\n');
    const csv = { delimiter: ';', decimal: ',' };
    const read = await bench.read(shard, { a: 'FLOAT', b: 'DOUBLE' }, csv);
    expect(read).toEqual(await byDuckDb.read(shard, { a: 'FLOAT', b: 'DOUBLE' }, csv));
    expect(read.rows.map(([a]) => a)).toEqual([1.5, -0.25, 1234.5677490234375]);
  });
});

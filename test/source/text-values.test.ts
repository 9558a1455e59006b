import { describe, expect, it } from 'vitest';
import { csvSource } from '../../src/source/csv.ts';
import { TextBench } from './text-fixtures.ts';

const bench = new TextBench(csvSource);
let files = 0;

/** What each text is as a value of the type: the value, or the message of its fault. */
async function valuesOf(
  texts: readonly string[],
  type: string,
  csv: object = {},
  exactText = false,
): Promise<unknown[]> {
  const lines = texts.map((text) => `"${text.replaceAll('"', '""')}",x`);
  const columns = [{ name: 'v', type, exactText }];
  const quick = await bench.read(bench.write(`values${files++}.csv`, `v,w\n${lines.join('\n')}\n`), columns, csv);
  const careful = await bench.read(
    bench.write(`values${files++}.csv`, `v,w\n${lines.join('\n')}\nbroken\n`),
    columns,
    csv,
  );
  expect({ ...careful, unreadable: [] }).toEqual(quick);
  expect(quick.numbers).toEqual(texts.map((_, row) => row));
  return quick.rows.map(([value], row) => quick.faults[row]?.message ?? value);
}

describe('numbers', () => {
  it.each([
    ['12', 12],
    ['-3', -3],
    ['+4', 4],
    ['007', 7],
    [' 7 ', 7],
    ['3.0', 3],
    ['3.', 3],
    ['1e3', 1000],
    ['1.5e1', 15],
    ['-2147483648', -2147483648],
    ['', null],
    ['2147483648', "'2147483648' does not fit INTEGER"],
    ['99999999999999999999', "'99999999999999999999' does not fit INTEGER"],
    ['1e10', "'1e10' does not fit INTEGER"],
    ['1.5', "'1.5' is no integer"],
    ['1.5e0', "'1.5e0' is no integer"],
    ['1e-1', "'1e-1' is no integer"],
    ['1e-30', "'1e-30' is no integer"],
    ['0x1F', "'0x1F' is no integer"],
    ['0b11', "'0b11' is no integer"],
    ['1_000', "'1_000' is no integer"],
    ['1 000', "'1 000' is no integer"],
    ['1,5', "'1,5' is no integer"],
    ['12abc', "'12abc' is no integer"],
    ['nan', "'nan' is no integer"],
    ['true', "'true' is no integer"],
  ])('%j as INTEGER', async (text, expected) => expect(await valuesOf([text], 'INTEGER')).toEqual([expected]));

  it('holds the ends of every integer type', async () => {
    const ends: Record<string, [string, string]> = {
      TINYINT: ['-128', '127'],
      SMALLINT: ['-32768', '32767'],
      BIGINT: ['-9223372036854775808', '9223372036854775807'],
      UTINYINT: ['0', '255'],
      USMALLINT: ['0', '65535'],
      UINTEGER: ['0', '4294967295'],
      UBIGINT: ['0', '18446744073709551615'],
    };
    for (const [type, [least, most]] of Object.entries(ends)) {
      const beyond = [String(BigInt(least) - 1n), String(BigInt(most) + 1n)];
      expect((await valuesOf([least, most, ...beyond], type)).map(String)).toEqual([
        least,
        most,
        ...beyond.map((text) => `'${text}' does not fit ${type}`),
      ]);
    }
  });

  it('takes no integer from a text that a double may have rounded', async () => {
    expect(await valuesOf(['9007199254740992.0', '9007199254740993.0', '9007199254740993'], 'BIGINT')).toEqual([
      9007199254740992n,
      "'9007199254740993.0' does not fit BIGINT",
      9007199254740993n,
    ]);
  });

  it.each([
    ['1.5', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['+4', 4],
    [' 7 ', 7],
    ['1e3', 1000],
    ['-0', -0],
    ['0.1', Math.fround(0.1)],
    ['16777216', 16777216],
    ['16777218', 16777218],
    ['123456789.5', Math.fround(123456789.5)],
    ['1e-400', 0],
    ['NaN', Number.NaN],
    ['Inf', Number.POSITIVE_INFINITY],
    ['-infinity', Number.NEGATIVE_INFINITY],
    ['', null],
    ['16777217', "'16777217' does not fit FLOAT"],
    ['1e39', "'1e39' does not fit FLOAT"],
    ['-1e400', "'-1e400' does not fit FLOAT"],
    ['abc', "'abc' is no number"],
    ['1_000', "'1_000' is no number"],
    ['1_000_000_000', "'1_000_000_000' is no number"],
    ['0x1F', "'0x1F' is no number"],
    ['1 000', "'1 000' is no number"],
    ['1,5', "'1,5' is no number"],
    ['nan(1)', "'nan(1)' is no number"],
    ['1e', "'1e' is no number"],
    ['--1', "'--1' is no number"],
    ['.', "'.' is no number"],
  ])('%j as FLOAT', async (text, expected) => expect(await valuesOf([text], 'FLOAT')).toEqual([expected]));

  it('holds doubles to the last bit', async () => {
    expect(
      await valuesOf(['0.1', '1.7976931348623157e308', '5e-324', '9007199254740992', '9007199254740993'], 'DOUBLE'),
    ).toEqual([0.1, Number.MAX_VALUE, Number.MIN_VALUE, 9007199254740992, "'9007199254740993' does not fit DOUBLE"]);
  });

  it('reads a decimal comma, and then no point', async () => {
    const comma = { decimal: ',', delimiter: ',' };
    expect(await valuesOf(['1,5', '-2', '1.5', '1.234,5'], 'DOUBLE', comma)).toEqual([
      1.5,
      -2,
      "'1.5' is no number",
      "'1.234,5' is no number",
    ]);
    expect(await valuesOf(['3,0', '1,5'], 'INTEGER', comma)).toEqual([3, "'1,5' is no integer"]);
  });

  it('never rounds a decimal', async () => {
    expect(await valuesOf(['12.30', '12.3400', '12.345', '1e1', '123'], 'DECIMAL(4,2)')).toEqual([
      '12.30',
      '12.34',
      "'12.345' does not fit DECIMAL(4,2)",
      "'1e1' does not fit DECIMAL(4,2)",
      "'123' does not fit DECIMAL(4,2)",
    ]);
  });
});

describe('other types', () => {
  it('takes the usual words for true and false', async () => {
    const words = ['true', 'FALSE', 'T', 'f', 'Yes', 'no', '1', '0', ' true ', '', 'on', '2'];
    expect(await valuesOf(words, 'BOOLEAN')).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      true,
      false,
      true,
      null,
      "'on' is neither true nor false",
      "'2' is neither true nor false",
    ]);
  });

  it('keeps text as it is, blanks too', async () => {
    expect(await valuesOf([' a ', '00123', 'say "x"', "it's", 'NA'], 'VARCHAR', { nullValues: ['NA'] })).toEqual([
      ' a ',
      '00123',
      'say "x"',
      "it's",
      null,
    ]);
  });

  it('takes an empty text for a text where it is no null value', async () => {
    expect(await valuesOf(['', 'a'], 'VARCHAR', { nullValues: [] })).toEqual(['', 'a']);
    expect(await valuesOf(['', '1'], 'INTEGER', { nullValues: ['-'] })).toEqual(["'' is no integer", 1]);
  });

  it('reads dates and times that lose nothing', async () => {
    const dates = ['2024-02-29', ' 2024-2-9 ', '2023-02-29', '2024-02-29 10:00', '2024-02-29 x', 'epoch'];
    expect(await valuesOf(dates, 'DATE')).toEqual([
      '2024-02-29',
      '2024-02-09',
      "'2023-02-29' is no DATE",
      "'2024-02-29 10:00' is no DATE",
      "'2024-02-29 x' is no DATE",
      "'epoch' is no DATE",
    ]);
    const times = [
      '2024-02-29 12:30:00',
      '2024-02-29T12:30:00.1230000Z',
      '2024-02-29',
      '2024-02-29 12:30:00+02',
      '2024-02-29 12:30:00.1234567',
    ];
    expect(await valuesOf(times, 'TIMESTAMP')).toEqual([
      '2024-02-29 12:30:00',
      '2024-02-29 12:30:00.123',
      '2024-02-29 00:00:00',
      "'2024-02-29 12:30:00+02' is no TIMESTAMP",
      "'2024-02-29 12:30:00.1234567' is no TIMESTAMP",
    ]);
    const zoned = ['2024-02-29 12:30:00+02', '2024-02-29T12:30:00-05:30'];
    expect(await valuesOf(zoned, 'TIMESTAMP WITH TIME ZONE')).toEqual([
      '2024-02-29 10:30:00+00',
      '2024-02-29 18:00:00+00',
    ]);
  });

  it('reads lists that stand in a field as JSON', async () => {
    expect(await valuesOf(['[1, 2.5]', '[]', '[null]', '', '[1,"2"]', '[1e39]', '1', 'x', '[1'], 'FLOAT[]')).toEqual([
      [1, 2.5],
      [],
      [null],
      null,
      `'[1,"2"]' is no FLOAT[]`,
      "'[1e39]' is no FLOAT[]",
      "'1' is no FLOAT[]",
      "'x' is no FLOAT[]",
      "'[1' is no FLOAT[]",
    ]);
    expect(await valuesOf(['[1,2]', '[1]', '[1.5,2]'], 'INTEGER[2]')).toEqual([
      [1, 2],
      '1 values, 2 expected',
      "'[1.5,2]' is no INTEGER[2]",
    ]);
    expect(await valuesOf(['[[1,2],[255]]', '[[256]]', '[1]', '[[1.0,-1]]'], 'UTINYINT[][]')).toEqual([
      [[1, 2], [255]],
      "'[[256]]' is no UTINYINT[][]",
      "'[1]' is no UTINYINT[][]",
      "'[[1.0,-1]]' is no UTINYINT[][]",
    ]);
    expect(await valuesOf(['[[1,2],[3,4]]', '[[1,2],[3]]', '[[1,2]]'], 'FLOAT[2][2]')).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      "'[[1,2],[3]]' is no FLOAT[2][2]",
      '1 values, 2 expected',
    ]);
    expect(await valuesOf(['["a","1"]', '[1]'], 'VARCHAR[]')).toEqual([['a', '1'], "'[1]' is no VARCHAR[]"]);
  });
});

describe('columns of a guessed type that are delivered', () => {
  const remedy = (type: string): string =>
    `does not stay as it is in a column of type ${type}, the type of the first rows; declare dataset.types: { "v": string }`;

  it('holds integers as they are written or not at all', async () => {
    expect(await valuesOf(['5', '00123', '+5', '5.0', 'x', ''], 'BIGINT', {}, true)).toEqual([
      5n,
      `'00123' ${remedy('BIGINT')}`,
      `'+5' ${remedy('BIGINT')}`,
      `'5.0' ${remedy('BIGINT')}`,
      `'x' ${remedy('BIGINT')}`,
      null,
    ]);
  });

  it('holds decimals and truth values, but no codes', async () => {
    expect(await valuesOf(['1.50', '5', '007.5', '+1', '12345678901234567'], 'DOUBLE', {}, true)).toEqual([
      1.5,
      5,
      `'007.5' ${remedy('DOUBLE')}`,
      `'+1' ${remedy('DOUBLE')}`,
      `'12345678901234567' ${remedy('DOUBLE')}`,
    ]);
    expect(await valuesOf(['True', 'false', 'yes'], 'BOOLEAN', {}, true)).toEqual([
      true,
      false,
      `'yes' ${remedy('BOOLEAN')}`,
    ]);
  });
});

it('names the first column at fault, also where it is the thirtieth', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `f${index}`);
  const row = (change: Record<number, string>): string => names.map((_, index) => change[index] ?? '1.5').join(',');
  const rows = [row({}), row({ 29: 'x' }), row({ 3: '', 7: 'y', 9: 'z' }), row({ 4: '' })];
  const shard = bench.write('thirty.csv', `${names.join(',')}\n${rows.join('\n')}\n`);
  const read = await bench.read(shard, Object.fromEntries(names.map((name) => [name, 'FLOAT'])));
  expect(read.hasFaults).toBe(true);
  expect(read.faults).toEqual([
    null,
    { column: 'f29', message: "'x' is no number" },
    { column: 'f7', message: "'y' is no number" },
    null,
  ]);
});

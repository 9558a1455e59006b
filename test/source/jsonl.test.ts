import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { jsonlSource } from '../../src/source/jsonl.ts';
import { corpora } from '../corpora.ts';
import { failuresOf, pieceOf, shardAt, TextBench } from './text-fixtures.ts';

const bench = new TextBench(jsonlSource);
const typesOf = async (text: string): Promise<Record<string, string>> => {
  const [{ columns }] = await bench.profile(bench.write('types.jsonl', text));
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
};

describe('names and types', () => {
  it('guesses types from the values, by the keys in their order', async () => {
    const types =
      await typesOf(`{"10":1,"9":1.5,"text":"1","flag":true,"none":null,"big":18446744073709551615,"huge":18446744073709551616}
{"9":2,"list":[1,2],"floats":[[1],[2.5]],"mixed":[1,"a"],"object":{"a":1},"either":1,"":0,"ints":[],"a/b":[{}]}
{"either":"a","later":null,"ints":[3]}
`);
    expect(Object.entries(types).map((entry) => entry.join(' '))).toEqual([
      '9 DOUBLE',
      '10 BIGINT',
      'text VARCHAR',
      'flag BOOLEAN',
      'none JSON',
      'big UBIGINT',
      'huge JSON',
      'list BIGINT[]',
      'floats DOUBLE[][]',
      'mixed JSON',
      'object JSON',
      'either JSON',
      'ints BIGINT[]',
      'a/b JSON',
      'later JSON',
    ]);
  });

  it('counts lines that are not blank, and shows their values', async () => {
    const [profile] = await bench.profile(
      bench.write('blank.jsonl', '\n{"a":1.50,"b":"x"}\r\n  \n\t{"a":null}\n{"b":[1, 2]}'),
    );
    expect(profile).toEqual({
      columns: [
        { name: 'a', type: 'DOUBLE' },
        { name: 'b', type: 'JSON' },
      ],
      rows: 3,
      starts: [{ row: 0, byte: 1 }],
      endByte: 48,
      decodedBytes: 48,
      samples: { a: ['1.50', null, null], b: ['x', null, '[1,2]'] },
    });
  });

  it('has no columns where there are no lines', async () => {
    const [profile] = await bench.profile(bench.write('none.jsonl', ''));
    expect(profile).toMatchObject({ columns: [], rows: 0, starts: [{ row: 0, byte: 0 }] });
  });

  it('refuses an array, and a file without an object on any of its first lines', async () => {
    const array = bench.write('array.jsonl', '[\n{"a":1},\n{"a":2}\n]\n');
    const pretty = bench.write('pretty.jsonl', '{\n  "a": 1\n}\n');
    expect(await failuresOf(bench.profile([array, pretty]))).toMatchObject([
      { reason: 'jsonl-is-an-array', path: array.path },
      { reason: 'jsonl-no-objects', path: pretty.path, lines: 3, message: expect.stringMatching(/^not JSON: /) },
    ]);
  });

  it('refuses UTF-16', async () => {
    const shard = bench.write('wide.jsonl', Buffer.from('\ufeff{"a":1}\n', 'utf16le'));
    expect(await failuresOf(bench.profile(shard))).toMatchObject([{ reason: 'jsonl-no-objects', path: shard.path }]);
  });
});

/** A line that sends the whole piece down the careful way. */
const broken = '{"a":1';

describe.each([
  ['quickly', ''],
  ['carefully', `${broken}\n`],
])('values, read %s', (_, end) => {
  let files = 0;
  const valuesOf = async (values: readonly string[], type: string, exactText = false): Promise<unknown[]> => {
    const lines = values.map((value) => `{"v":${value},"w":0}\n`).join('');
    const read = await bench.read(bench.write(`values${files++}.jsonl`, lines + end), [{ name: 'v', type, exactText }]);
    expect(read.unreadable.map(({ row }) => row)).toEqual(end === '' ? [] : [values.length]);
    return read.rows.map(([value], row) => read.faults[row]?.message ?? value);
  };

  it('holds integers of 64 bits', async () => {
    const texts = ['9007199254740993', '-9223372036854775808', '9223372036854775807', '3.0', '1e3', 'null'];
    expect(await valuesOf(texts, 'BIGINT')).toEqual([
      9007199254740993n,
      -9223372036854775808n,
      9223372036854775807n,
      3n,
      1000n,
      null,
    ]);
    expect(await valuesOf(['18446744073709551615', '18446744073709551616', '-1'], 'UBIGINT')).toEqual([
      18446744073709551615n,
      expect.stringMatching(/ does not fit UBIGINT$/),
      '-1 does not fit UBIGINT',
    ]);
  });

  it('takes for a number nothing but a number', async () => {
    expect(await valuesOf(['1.5', '"1.5"', 'true', '[1]', '{}', '1e400'], 'DOUBLE')).toEqual([
      1.5,
      '"1.5" is no number',
      'true is no number',
      '[1] is no number',
      '{} is no number',
      '1e400 does not fit DOUBLE',
    ]);
    expect(await valuesOf(['5', '1.5', '"5"', 'false', '300'], 'UTINYINT')).toEqual([
      5,
      '1.5 is no integer',
      '"5" is no integer',
      'false is no integer',
      '300 does not fit UTINYINT',
    ]);
    expect(await valuesOf(['16777216', '16777217', '0.1', '-0.0'], 'FLOAT')).toEqual([
      16777216,
      '16777217 does not fit FLOAT',
      Math.fround(0.1),
      -0,
    ]);
  });

  it('takes for text and truth nothing but those', async () => {
    expect(
      await valuesOf(['"a"', '""', '"\\u00e9\\n\\"\\ud83d\\ude00"', '"null"', 'null', '5', '["a"]'], 'VARCHAR'),
    ).toEqual(['a', '', 'é\n"😀', 'null', null, '5 is no text', '["a"] is no text']);
    expect(await valuesOf(['true', 'false', 'null', '1', '"true"'], 'BOOLEAN')).toEqual([
      true,
      false,
      null,
      '1 is neither true nor false',
      '"true" is neither true nor false',
    ]);
  });

  it('reads lists to the last digit', async () => {
    expect(
      await valuesOf(
        ['[1, 2]', '[]', 'null', '[9007199254740993,null]', '[1.0]', '[1.5]', '["1"]', '1', '[[1]]', '{}'],
        'BIGINT[]',
      ),
    ).toEqual([
      [1n, 2n],
      [],
      null,
      [9007199254740993n, null],
      [1n],
      '[1.5] is no BIGINT[]',
      '["1"] is no BIGINT[]',
      '1 is no BIGINT[]',
      '[[1]] is no BIGINT[]',
      '{} is no BIGINT[]',
    ]);
    expect(await valuesOf(['[[0.1],[2,3e5]]', '[[16777217]]', '[[1e39]]', '[[true]]'], 'FLOAT[][]')).toEqual(
      [
        [[Math.fround(0.1)], [2, 300000]],
        '[[16777217]] is no FLOAT[][]',
        '[[1e39]] is no FLOAT[][]',
        '[[true]] is no FLOAT[][]',
      ].map((value) => (typeof value === 'string' ? expect.stringMatching(/is no FLOAT\[\]\[\]$/) : value)),
    );
    expect(await valuesOf(['[1,2,3]', '[1,2]'], 'FLOAT[3]')).toEqual([[1, 2, 3], '2 values, 3 expected']);
    expect(await valuesOf(['["a\\n",null]', '[1]'], 'VARCHAR[]')).toEqual([['a\n', null], '[1] is no VARCHAR[]']);
  });

  it('carries any value as JSON', async () => {
    expect(await valuesOf(['{"x": [1, "é"]}', '"a"', '12345678901234567890', 'null'], 'JSON')).toEqual([
      '{"x":[1,"é"]}',
      '"a"',
      '12345678901234567890',
      null,
    ]);
  });

  it('names the remedy where a guessed type does not hold a value that is delivered', async () => {
    expect(await valuesOf(['1', '1.5'], 'BIGINT', true)).toEqual([
      1n,
      '1.5 does not stay as it is in a column of type BIGINT, the type of the first rows; declare dataset.types: { "v": json }',
    ]);
  });

  it('finds values by any key, and none by another letter case', async () => {
    const line = '{"A":1,"a/b":2,"~":3,"0":4,"c d":5,"it\'s":6,"\\"":7,"k":8}\n{}\n';
    const shard = bench.write('keys.jsonl', line + end);
    const names = ['a', 'a/b', '~', '0', 'c d', "it's", '"', 'k'];
    const read = await bench.read(shard, Object.fromEntries(names.map((name) => [name, 'INTEGER'])));
    // JavaScript puts the key 0 first.
    const found = Object.fromEntries(
      Object.keys(Object.fromEntries(names.map((name) => [name, 0]))).map((name, index) => [name, read.rows[0][index]]),
    );
    expect(found).toEqual({ a: null, 'a/b': 2, '~': 3, '0': 4, 'c d': 5, "it's": 6, '"': 7, k: 8 });
    expect(read.rows[1]).toEqual(names.map(() => null));
  });
});

describe('lines', () => {
  it('rejects what is no JSON object, each with its line, and reads the others', async () => {
    const lines = [
      '{"a":1}',
      '{"a":2',
      '',
      '[1]',
      '{"a":3,}',
      '{"a":NaN}',
      'null',
      '{"a":4} x',
      '{"a":"\\ud800"}',
      '{"b":0}',
    ];
    const bytes = Buffer.concat([
      Buffer.from(`${lines.join('\n')}\n`),
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    ]);
    const read = await bench.read(bench.write('lines.jsonl', bytes), { a: 'INTEGER' });
    expect(read).toMatchObject({ rows: [[1], [null]], numbers: [0, 8] });
    expect(
      read.unreadable.map(({ row, reason, message }) => [row, reason, message.replace(/JSON: .*/, 'JSON')]),
    ).toEqual([
      [1, 'malformed-line', 'line 2 is malformed: not JSON'],
      [2, 'malformed-line', 'line 4 is malformed: a JSON object expected, an array found'],
      [3, 'malformed-line', 'line 5 is malformed: not JSON'],
      [4, 'malformed-line', 'line 6 is malformed: not JSON'],
      [5, 'malformed-line', 'line 7 is malformed: a JSON object expected, null found'],
      [6, 'malformed-line', 'line 8 is malformed: not JSON'],
      [7, 'malformed-line', 'line 9 is malformed: half of a surrogate pair in a string'],
      [9, 'malformed-line', 'line 11 is malformed: not valid UTF-8'],
    ]);
    expect(read.unreadable[0].content).toBe('{"a":2');
  });

  it.each(['{"a":[1,2,]}', '{"a":1,}', '{"a":1 , }', '{"a":NaN}', '{"a":-Infinity}', '{"a":[inf]}', 'null', ' null '])(
    'rejects %j, which some parsers let pass',
    async (line) => {
      const read = await bench.read(bench.write('lenient.jsonl', `{"a":0}\n${line}\n{"a":2}\n`), { b: 'INTEGER' });
      expect(read.unreadable.map(({ row }) => row)).toEqual([1]);
    },
  );

  it('takes the last of equal keys', async () => {
    const shard = bench.write('twice.jsonl', '{"a":1,"a":9007199254740993}\n');
    expect(await bench.read(shard, { a: 'BIGINT' })).toMatchObject({ rows: [[9007199254740993n]] });
  });

  it('reads what is left where every other line is broken', async () => {
    const lines = Array.from({ length: 25_000 }, (_, row) => (row % 2 === 0 ? `{"a":${row}}` : 'broken'));
    const read = await bench.read(bench.write('every-other.jsonl', lines.join('\n')), { a: 'INTEGER' });
    const even = Array.from({ length: 12_500 }, (_, index) => index * 2);
    expect(read.rows.flat()).toEqual(even);
    expect(read.numbers).toEqual(even);
    expect(read.unreadable.map(({ row }) => row)).toEqual(even.map((row) => row + 1));
  });

  it('reads lines of many megabytes', async () => {
    const long = 'x'.repeat(20 * 1024 * 1024);
    const shard = bench.write('long.jsonl', `{"a":1,"b":"${long}"}\n{"a":2}\n`);
    expect(await bench.read(shard, { a: 'INTEGER' })).toMatchObject({ rows: [[1], [2]], unreadable: [] });
  });

  it('joins pieces of many files, each row with its shard and number', async () => {
    const texts = ['{"a":1}\n{"a":2}', '', '{"b":0,"a":3}\r\n', '{"a":4}\n'];
    const shards = texts.map((text, index) => ({ ...bench.write(`many${index}.jsonl`, text), index }));
    expect(await bench.read(shards, { a: 'INTEGER' })).toMatchObject({
      rows: [[1], [2], [3], [4]],
      shards: [0, 0, 2, 3],
      numbers: [0, 1, 0, 0],
    });
  });

  it('begins to read anywhere in a large file', async () => {
    const lines = Array.from({ length: 100_000 }, (_, row) => `{"id":${row},"text":"${'x'.repeat(90)}"}`);
    const shard = bench.write('large.jsonl.gz', gzipSync(lines.join('\n'), { level: 1 }));
    const [profile] = await bench.profile(shard, {}, 1000);
    expect(profile.rows).toBe(100_000);
    const from = profile.starts.at(-1)!.row;
    const read = await bench.readPieces([pieceOf(shard, profile, from, 100_000)], { id: 'INTEGER' });
    expect(read.rows.flat()).toEqual(Array.from({ length: 100_000 - from }, (_, index) => from + index));
    expect(read.numbers).toEqual(read.rows.flat());
  });

  it('reads rows of which no column is asked for', async () => {
    const shard = bench.write('none asked.jsonl', '{"a":1}\n{"b":2}\n');
    expect(await bench.read(shard, {})).toMatchObject({ numbers: [0, 1], hasFaults: false, unreadable: [] });
  });

  it('refuses a file that has other rows than were counted', async () => {
    const shard = bench.write('changed.jsonl', '{"a":1}\n{"a":2}\n');
    const pieces = await bench.pieces(shard);
    bench.write('changed.jsonl', '{"a":1222222222}');
    expect(await failuresOf(bench.readPieces(pieces, { a: 'BIGINT' }))).toEqual([
      { reason: 'row-count-mismatch', path: shard.path, counted: 2, read: 1 },
    ]);
  });
});

describe.skipIf(!corpora.available)('files that others wrote', () => {
  const suite = corpora.available
    ? readdirSync(corpora.path('jsontestsuite')).filter((name) => name.endsWith('.json'))
    : [];
  const texts = (prefix: string): { name: string; text: Buffer }[] =>
    suite
      .filter((name) => name.startsWith(prefix))
      .map((name) => ({ name, text: readFileSync(corpora.path('jsontestsuite', name)) }));
  const lineOf = (text: Buffer): Buffer => Buffer.concat([Buffer.from('{"v":'), text, Buffer.from('}\n')]);

  it('accepts every text that JSONTestSuite says is JSON', async () => {
    // A line feed between tokens would end the line.
    const accepted = texts('y_').map(({ text }) =>
      lineOf(Buffer.from(text.toString('latin1').replaceAll('\n', ' '), 'latin1')),
    );
    const read = await bench.read(bench.write('accepted.jsonl', Buffer.concat(accepted)), { v: 'JSON' });
    expect(read.unreadable).toEqual([]);
    expect(read.rows).toHaveLength(95);
  });

  it('rejects every line that JSONTestSuite says is no JSON', async () => {
    const refused = texts('n_').filter(({ text }) => !text.includes(10));
    const lines = Buffer.concat([Buffer.from('{"v":0}\n'), ...refused.map(({ text }) => lineOf(text))]);
    const read = await bench.read(bench.write('refused.jsonl', lines), { v: 'JSON' });
    expect(read.numbers.map((row) => refused[row - 1]?.name)).toEqual([undefined]);
    expect(read.unreadable).toHaveLength(refused.length);
  });

  it('reads or rejects every text that JSONTestSuite leaves open', async () => {
    for (const { name, text } of texts('i_')) {
      const shard = bench.write(`${name}l`, Buffer.concat([Buffer.from('{"v":0}\n'), lineOf(text)]));
      const read = await bench.read(shard, { v: 'JSON' });
      expect(read.rows.length + read.unreadable.length).toBe(2);
    }
  });

  it('reads the same rows from JSON Lines as they stand, and compressed', async () => {
    const name = (suffix: string): string => corpora.path('cases', 'iris-formats', `input.jsonl${suffix}`);
    const plain = await bench.read(shardAt(name('')));
    expect(plain.rows).toHaveLength(150);
    expect(await bench.read(shardAt(name('.gz')))).toEqual(plain);
  });
});

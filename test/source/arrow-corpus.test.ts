// The Arrow project's own test data: gold files with their values as JSON, and files that a fuzzer made.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Database } from '../../src/core/duckdb-database.ts';
import { describeFailure, FailureError } from '../../src/core/failure.ts';
import { quoteName } from '../../src/core/sql.ts';
import { arrowSource } from '../../src/source/arrow.ts';
import { corpora } from '../corpora.ts';
import { csvDefaults, shardAt } from './shards.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The format of these files: https://arrow.apache.org/docs/format/Integration.html#json-test-data-format */
interface GoldField {
  readonly name: string;
  readonly type: { readonly name: string; readonly listSize?: number; readonly precision?: string };
  readonly children: readonly GoldField[];
  readonly dictionary?: { readonly id: number };
}
interface GoldColumn {
  readonly count: number;
  readonly VALIDITY?: readonly number[];
  readonly OFFSET?: readonly (number | string)[];
  readonly DATA?: readonly (number | string | boolean)[];
  readonly VIEWS?: readonly {
    readonly INLINED?: string;
    readonly SIZE: number;
    readonly BUFFER_INDEX: number;
    readonly OFFSET: number;
  }[];
  readonly VARIADIC_DATA_BUFFERS?: readonly string[];
  readonly children?: readonly GoldColumn[];
}
interface Gold {
  readonly schema: { readonly fields: readonly GoldField[] };
  readonly batches: readonly { readonly columns: readonly GoldColumn[] }[];
  readonly dictionaries?: readonly {
    readonly id: number;
    readonly data: { readonly columns: readonly GoldColumn[] };
  }[];
}

function goldValues(gold: Gold, field: GoldField, column: GoldColumn, isDictionary = false): readonly Json[] {
  const { children = [], DATA = [], OFFSET = [] } = column;
  const inner = (i: number): readonly Json[] => goldValues(gold, field.children[i], children[i]);
  const valueAt = valuesOfType();
  return Array.from({ length: column.count }, (_, row) => (column.VALIDITY?.[row] === 0 ? null : valueAt(row)));

  function valuesOfType(): (row: number) => Json {
    if (field.dictionary !== undefined && !isDictionary) {
      const { id } = field.dictionary;
      const [dictionary] = gold.dictionaries!.find((each) => each.id === id)!.data.columns;
      const values = goldValues(gold, field, dictionary, true);
      return (row) => values[Number(DATA[row])];
    }
    switch (field.type.name) {
      case 'null':
        return () => null;
      case 'struct': {
        const columns = field.children.map((_, i) => inner(i));
        return (row) => Object.fromEntries(field.children.map(({ name }, i) => [name, columns[i][row]]));
      }
      case 'list':
      case 'largelist': {
        const values = inner(0);
        return (row) => values.slice(Number(OFFSET[row]), Number(OFFSET[row + 1]));
      }
      case 'fixedsizelist': {
        const values = inner(0);
        return (row) => values.slice(row * field.type.listSize!, (row + 1) * field.type.listSize!);
      }
      case 'map': {
        const entries = inner(0) as readonly { readonly [key: string]: Json }[];
        return (row) =>
          Object.fromEntries(
            entries
              .slice(Number(OFFSET[row]), Number(OFFSET[row + 1]))
              .map((entry) => Object.values(entry) as [string, Json]),
          );
      }
      case 'utf8view':
      case 'binaryview':
        return (row) => viewedText(column, row, field.type.name === 'binaryview');
      case 'floatingpoint':
        return (row) => (field.type.precision === 'SINGLE' ? Math.fround(Number(DATA[row])) : Number(DATA[row]));
      case 'int':
        return (row) => Number(DATA[row]);
      default:
        return (row) => DATA[row];
    }
  }
}

/** Views hold their texts as they are and their bytes as hexadecimal digits. */
function viewedText({ VIEWS, VARIADIC_DATA_BUFFERS }: GoldColumn, row: number, isBinary: boolean): string {
  const { INLINED, SIZE, BUFFER_INDEX, OFFSET } = VIEWS![row];
  if (INLINED !== undefined) return INLINED;
  const bytes = Buffer.from(VARIADIC_DATA_BUFFERS![BUFFER_INDEX], 'hex').subarray(OFFSET, OFFSET + SIZE);
  return isBinary ? bytes.toString('hex').toUpperCase() : bytes.toString('utf8');
}

/** Every column of a shard as JSON; bytes as hexadecimal digits. */
async function columnsOf(path: string): Promise<Readonly<Record<string, readonly Json[]>>> {
  const temporaryFolder = mkdtempSync(join(tmpdir(), 'arrow-'));
  const database = await Database.open({ threads: 1, memoryBytes: 2 ** 30, temporaryFolder });
  const connection = await database.connect();
  try {
    const shard = shardAt(path, 'arrow');
    const [profile] = await arrowSource.profile([shard], { connection, ...csvDefaults, scratchFolder: null });
    const columns = profile.columns.filter(({ type }) => !type.startsWith('UNSUPPORTED'));
    const piece = { shard: 0, startRow: 0, endRow: profile.rows, path, source: shard };
    await using rows = await arrowSource.read([piece], { connection, ...csvDefaults, columns, scratchFolder: '' });
    const values: Record<string, readonly Json[]> = {};
    for (const { name, type } of columns) {
      const column = type === 'BLOB' ? `hex(${quoteName(name)})` : quoteName(name);
      const found = await connection.rows<{ value: string | null }>(
        `SELECT to_json(${column})::VARCHAR AS value FROM ${rows.relation}`,
      );
      expect(found.length).toBe(profile.rows);
      values[name] = found.map(({ value }) => (value === null ? null : JSON.parse(value)));
    }
    return values;
  } finally {
    connection.close();
    database.close();
    rmSync(temporaryFolder, { recursive: true });
  }
}

const integration = ['arrow-testing', 'arrow-ipc-stream', 'integration'];
const golden = [
  '0.14.1/generated_map',
  '0.14.1/generated_nested',
  '0.14.1/generated_primitive',
  '1.0.0-littleendian/generated_custom_metadata',
  '1.0.0-littleendian/generated_dictionary_unsigned',
  '1.0.0-littleendian/generated_nested_dictionary',
  '1.0.0-littleendian/generated_nested_large_offsets',
  '1.0.0-littleendian/generated_null',
  '1.0.0-littleendian/generated_primitive_large_offsets',
  '1.0.0-littleendian/generated_recursive_nested',
  '2.0.0-compression/generated_lz4',
  '2.0.0-compression/generated_uncompressible_lz4',
  '2.0.0-compression/generated_uncompressible_zstd',
  '2.0.0-compression/generated_zstd',
  '4.0.0-shareddict/generated_shared_dict',
  'cpp-21.0.0/generated_binary',
  'cpp-21.0.0/generated_binary_view',
  'cpp-21.0.0/generated_map_non_canonical',
  'cpp-21.0.0/generated_nested',
  'cpp-21.0.0/generated_primitive',
];

describe.skipIf(!corpora.available)('gold files', () => {
  test.each(golden.flatMap((name) => [`${name}.arrow_file`, `${name}.stream`]))('%s', async (name) => {
    const json = corpora.path(...integration, name.replace(/\.\w+$/, '.json.gz'));
    const gold: Gold = JSON.parse(gunzipSync(readFileSync(json)).toString('utf8'));
    const expected = gold.schema.fields.map((field, i) => [
      field.name,
      gold.batches.flatMap(({ columns }) => goldValues(gold, field, columns[i])),
    ]);
    expect(await columnsOf(corpora.path(...integration, name))).toEqual(Object.fromEntries(expected));
  });
});

async function refusalOf(path: string): Promise<string | null> {
  try {
    await columnsOf(path);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(FailureError);
    const [failure] = (error as FailureError).failures;
    expect(failure.reason).toBe('shard-unreadable');
    return describeFailure(failure).replace(`${path}: `, '');
  }
}

describe.skipIf(!corpora.available)('files that must be refused', () => {
  test.each([
    ['arrow-big-endian/input.arrow', 'is big-endian Arrow data'],
    ['arrow-file-cut/input.arrow', 'is an Arrow file without its end'],
    ['arrow-stream-cut/input.arrows', 'is an Arrow stream without its end-of-stream marker'],
  ])('%s %s', async (name, message) => {
    expect(await refusalOf(corpora.path('refuse', ...name.split('/')))).toContain(message);
  });

  test('are those of other byte orders and formats', async () => {
    const bigEndian = corpora.path(...integration, '1.0.0-bigendian', 'generated_primitive.stream');
    const newer = corpora.path('arrow-testing', 'forward-compatibility', 'schema_v6.arrow');
    expect(await refusalOf(bigEndian)).toContain('is big-endian Arrow data');
    expect(await refusalOf(newer)).toContain('is Arrow data of a newer format version');
  });

  test.each([
    ['arrow-ipc-file', 54],
    ['arrow-ipc-stream', 80],
  ] as const)('are those that a fuzzer made (%s)', { timeout: 60_000 }, async (folder, refused) => {
    const names = readdirSync(corpora.path('arrow-testing', folder)).filter((name) =>
      /^(clusterfuzz|crash)/.test(name),
    );
    const refusals: (string | null)[] = [];
    for (const name of names) refusals.push(await refusalOf(corpora.path('arrow-testing', folder, name)));
    expect(refusals.filter((refusal) => refusal !== null).length).toBe(refused);
  });
});

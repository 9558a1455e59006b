// CSV shards: what a profile learns of them. csv-read.ts reads their rows; the scanner decides for both what a row is.
import { FailureError } from '../core/failure.ts';
import type { Shard } from '../core/split.ts';
import type { CsvOptions } from '../job/schema.ts';
import { guessedType, sampleValues } from './csv-columns.ts';
import { dialectOf } from './csv-dialect.ts';
import { columnNames, firstRecords } from './csv-header.ts';
import { readCsv } from './csv-read.ts';
import { CsvScanner } from './csv-scanner.ts';
import type { Source } from './source.ts';
import { headBytes, profileTexts, type TextColumns, type TextFormat, type TextHead } from './text-profile.ts';

/** Types are guessed from this many rows, and that many values of each column are shown. */
const guessRows = 1000;
const sampleRows = 100;

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
  mostHeadBytes: headBytes,
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
  return {
    columns,
    samples: Object.fromEntries(names.map((name, index) => [name, values[index].slice(0, sampleRows)])),
  };
}

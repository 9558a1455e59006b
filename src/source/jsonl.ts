// JSON Lines shards: what a profile learns of them. jsonl-read.ts reads their rows.
import { FailureError } from '../core/failure.ts';
import type { Shard } from '../core/split.ts';
import { columnsOfObjects, samplesOfObjects } from './jsonl-columns.ts';
import { parseLine } from './jsonl-line.ts';
import { readJsonl } from './jsonl-read.ts';
import { JsonlScanner } from './jsonl-scanner.ts';
import type { Source } from './source.ts';
import { profileTexts, type TextColumns, type TextFormat, type TextHead } from './text-profile.ts';
import { withoutLineEnd } from './text-scanner.ts';

/** Types are guessed from this many rows, and that many values of each column are shown. */
const guessRows = 1000;
const sampleRows = 100;

const jsonlFormat: TextFormat = {
  encoding: 'utf-8',
  headerRecords: 0,
  mostHeadBytes: 64 * 1024 * 1024,
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

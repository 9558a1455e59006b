// Ways in which a dataset or a shard cannot be read.
import { kind, listed } from './failure-kind.ts';

/** What tells whether a file was written to. */
export interface FileState {
  readonly fileBytes: number;
  readonly modifiedMs: number;
}

const stateOf = ({ fileBytes, modifiedMs }: FileState): string =>
  `${fileBytes} bytes, modified ${new Date(modifiedMs).toISOString()}`;

export const dataFailures = {
  // Finding the shards.
  'dataset-missing': kind(
    66,
    'The dataset path leads to no file: a wrong path, an empty folder, a glob that matches nothing, or a broken link.',
    'Check the path; quote a glob so that the shell leaves it alone. In a scheduled run, the data of that day may not have arrived yet: try again later.',
    (facts: {
      readonly path: string;
      readonly folder: string;
      readonly lookedFor: 'file' | 'folder' | 'glob' | 'link';
    }) => {
      const { path, folder, lookedFor } = facts;
      if (lookedFor === 'link') return `${path} is a link that leads nowhere; restore what it points to, or remove it`;
      if (lookedFor === 'folder') {
        return `no data in folder ${path} (names that begin with "_" or "." are not data); check the dataset path`;
      }
      const nothing = lookedFor === 'file' ? `no file or folder ${path}` : `no file matches ${path}`;
      return `${nothing} (looked in ${folder}, which exists); check the dataset path`;
    },
  ),
  'dataset-not-a-file': kind(
    66,
    'The dataset path is a device, a socket or a pipe. Scoring reads its input more than once, so it must be a file.',
    'Write the content to a file and give that.',
    (facts: { readonly path: string }) =>
      `${facts.path} is neither a file nor a folder; write its content to a file and give that`,
  ),
  'format-unknown': kind(
    78,
    'The names of the files do not end in a suffix that tells their format.',
    'Give --format, or rename the files.',
    (facts: { readonly path: string; readonly names: readonly string[] }) =>
      `cannot tell the format of ${listed(facts.names, 3)}${facts.names.length > 1 ? ` in ${facts.path}` : ` (${facts.path})`} by suffix (known: .parquet .pq .csv .tsv .jsonl .ndjson .arrow .feather .ipc .arrows; text also with .gz or .zst); give --format parquet, csv, jsonl or arrow`,
  ),
  'dataset-mixed-formats': kind(
    78,
    'The dataset holds files of more than one format. One dataset has one format.',
    'Give a glob that matches one format, such as *.parquet.',
    (facts: {
      readonly formats: readonly { readonly format: string; readonly files: number; readonly example: string }[];
    }) =>
      `the dataset mixes formats: ${facts.formats.map(({ format, files, example }) => `${files} ${format} (such as ${example})`).join(', ')}; give a glob that matches one of them, such as *.parquet`,
  ),
  'partition-keys-differ': kind(
    78,
    'The key=value folders above the shards do not name the same keys, so the shards would not have the same columns.',
    'Give a dataset path that covers one kind of folder.',
    (facts: {
      readonly path: string;
      readonly keys: readonly string[];
      readonly otherPath: string;
      readonly otherKeys: readonly string[];
    }) => {
      const keysOf = (keys: readonly string[]): string =>
        keys.length === 0 ? 'no key' : `the keys ${keys.join(', ')}`;
      return `the folders of the shards name different keys: ${keysOf(facts.keys)} above ${facts.path}, ${keysOf(facts.otherKeys)} above ${facts.otherPath}; give a dataset path that covers one kind of folder`;
    },
  ),
  // Reading any format.
  'shard-unreadable': kind(
    66,
    'A shard is damaged, cut short, or not of the format that its name or the job says.',
    'Write the file anew, or take it out of the dataset. A file that another program was still writing looks like this, too: then run again.',
    (facts: { readonly path: string; readonly message: string }) =>
      `${facts.path}: ${facts.message}; write the file anew or take it out of the dataset`,
  ),
  'input-changed': kind(
    80,
    'An input file was written to, touched or replaced after the run had looked at it. Rows of before and after would be mixed.',
    'Run the same command again when nothing writes to the dataset any more.',
    (facts: {
      readonly path: string;
      readonly planned: FileState;
      /** Null when size and time are the same and the footer is another. */
      readonly found: FileState | null;
    }) => {
      const now = facts.found === null ? 'another footer' : stateOf(facts.found);
      return `${facts.path} has changed since this run began: it had ${stateOf(facts.planned)}, now it has ${now}; nothing was published. Run the same command again when nothing writes to the dataset any more`;
    },
  ),
  'shard-exceeds-memory': kind(
    78,
    'Decoding a piece of a shard takes more memory than a worker may use.',
    'Use fewer workers, raise --memory, or write the file with smaller row groups.',
    (facts: { readonly path: string; readonly message: string }) =>
      `${facts.path}: reading it takes more memory than a worker has (${facts.message}); use fewer workers, raise --memory, or write the file with smaller row groups and values`,
  ),
  'scratch-full': kind(
    74,
    'A compressed or transcoded text file is copied in plain below the output folder while it is scored, and its disk would be left without room.',
    'Free some space, give an output folder on a larger disk, or unpack the file elsewhere and score the plain one. Of a disk, 5 % stay free, at most 1 GiB.',
    (facts: {
      readonly path: string;
      readonly folder: string;
      readonly unpackedBytes: number;
      readonly freeBytes: number;
    }) =>
      `${facts.path} unpacks to more than ${facts.unpackedBytes} bytes, and the disk of ${facts.folder} has only ${facts.freeBytes} bytes left; free some space, give an output folder on a larger disk, or score the file unpacked`,
  ),
  'column-reserved': kind(
    78,
    'A column of the dataset has a name that scoremill uses itself while it reads.',
    'Rename the column.',
    (facts: { readonly path: string; readonly column: string }) =>
      `${facts.path}: the column name "${facts.column}" is reserved; rename the column`,
  ),
  // Reading CSV and JSON Lines.
  'text-empty': kind(
    66,
    'A CSV file has no header: it holds no text at all.',
    'Write the file anew, or take it out of the dataset.',
    (facts: { readonly path: string }) =>
      `${facts.path} is empty: no header, no rows; write the file anew or take it out of the dataset`,
  ),
  'text-not-utf8': kind(
    78,
    'A CSV file is not in the encoding that the job says (UTF-8 by default), so its text would come out wrong.',
    'Give the encoding of the file as dataset.csv.encoding.',
    (facts: {
      readonly path: string;
      readonly byte: number;
      readonly line: number;
      readonly problem: 'not-utf8' | 'nul';
      readonly encoding: string;
      readonly guess: string;
    }) =>
      `${facts.path}: line ${facts.line}, byte ${facts.byte}: ${facts.problem === 'nul' ? 'a NUL byte, which no text has' : `not valid ${facts.encoding}`}; give the encoding of the file as dataset.csv.encoding${facts.guess === '' ? '' : `, such as ${facts.guess}`}`,
  ),
  'text-encoding-mark': kind(
    78,
    'A CSV file begins with the byte order mark of another encoding than the job says.',
    'Set dataset.csv.encoding to what the mark says.',
    (facts: { readonly path: string; readonly encoding: string; readonly found: string }) =>
      `${facts.path}: its byte order mark says ${facts.found}, the job says ${facts.encoding}; set dataset.csv.encoding: ${facts.found}`,
  ),
  'csv-quote-not-ascii': kind(
    78,
    'The quote or escape letter of a CSV file must be an ASCII character.',
    'Give an ASCII character, or nothing at all for no quoting.',
    (facts: { readonly option: 'quote' | 'escape'; readonly letter: string }) =>
      `dataset.csv.${facts.option}: "${facts.letter}" is not an ASCII character; give one that is, or "" for none`,
  ),
  'csv-quote-open': kind(
    66,
    'A quote in a CSV file is opened and never closed, so the rest of the file would be one field.',
    'Close the quote in the file, or set dataset.csv.quote to an empty text if quotes are plain text in it.',
    (facts: { readonly path: string; readonly line: number; readonly byte: number }) =>
      `${facts.path}: the quote opened in line ${facts.line} (byte ${facts.byte}) is never closed; close it, or set dataset.csv.quote to "" if quotes are plain text in this file`,
  ),
  'csv-header-too-long': kind(
    66,
    'The first line of a CSV file does not end within the first megabytes.',
    'Check that it is a CSV file, and give --format if it is not.',
    (facts: { readonly path: string; readonly bytes: number }) =>
      `${facts.path}: no line ends within the first ${facts.bytes} bytes, so this is hardly a CSV file; give its --format, or take it out of the dataset`,
  ),
  'csv-header-malformed': kind(
    66,
    'The first line of a CSV file cannot be split into fields.',
    'Check dataset.csv.quote and dataset.csv.escape.',
    (facts: { readonly path: string; readonly message: string }) =>
      `${facts.path}: malformed header: ${facts.message}; check dataset.csv.quote and dataset.csv.escape`,
  ),
  'csv-columns-count': kind(
    78,
    'The job names more or fewer columns than a CSV file without header has.',
    'Name as many columns in dataset.csv.columns as the file has fields, and check the delimiter.',
    (facts: { readonly path: string; readonly named: number; readonly found: number }) =>
      `${facts.path}: dataset.csv.columns names ${facts.named} columns, the first line has ${facts.found} fields; name as many, or correct the delimiter`,
  ),
  'text-duplicate-column': kind(
    78,
    'Two columns of a CSV or JSON Lines file have the same name, or names that differ in letter case alone, which SQL does not tell apart.',
    'Rename one of the two columns in the file.',
    (facts: { readonly path: string; readonly column: string; readonly other: string }) =>
      facts.column === facts.other
        ? `${facts.path}: the column "${facts.column}" stands twice in the header; rename one of them`
        : `${facts.path}: the columns "${facts.other}" and "${facts.column}" differ in letter case alone; rename one of them`,
  ),
  'jsonl-is-an-array': kind(
    66,
    'A JSON Lines file holds one JSON array. JSON Lines has one object on each line.',
    "Write one object on each line, for example with jq -c '.[]'.",
    (facts: { readonly path: string }) =>
      `${facts.path} is a JSON array, not JSON Lines; write one object on each line (jq -c '.[]' in.json > out.jsonl)`,
  ),
  'jsonl-no-objects': kind(
    66,
    'None of the first lines of a JSON Lines file is a JSON object.',
    'Write one JSON object on each line, or give --format if it is another format.',
    (facts: { readonly path: string; readonly lines: number; readonly message: string }) =>
      `${facts.path}: none of the first ${facts.lines} lines is a JSON object (line 1: ${facts.message}); write one object on each line`,
  ),
  'row-count-mismatch': kind(
    80,
    'A shard gave another number of rows than were counted before the run.',
    'Make sure that nothing writes to the dataset, and run again with --fresh.',
    (facts: { readonly path: string; readonly counted: number; readonly read: number }) =>
      `${facts.path}: ${facts.counted} rows were counted and ${facts.read} read; has the file changed during the run? Run again with --fresh`,
  ),
};

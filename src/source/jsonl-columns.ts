// Names and guessed types of a JSON Lines file's columns, from its first objects. A type is guessed only where every value
// fits it exactly; objects, mixtures and everything in doubt are carried as JSON.
import type { SourceColumn } from '../core/split.ts';
import { type JsonObject, type JsonValue, jsonText, NumberText } from './jsonl-line.ts';

/** null: no value seen. NATURAL: BIGINT and UBIGINT hold all values. JSON: no narrower type does. */
type Guess =
  | null
  | 'JSON'
  | 'BOOLEAN'
  | 'VARCHAR'
  | 'NATURAL'
  | 'BIGINT'
  | 'UBIGINT'
  | 'DOUBLE'
  | { readonly list: Guess };

/** Columns in the order in which their keys first stand in the file. The key "" cannot name a column. */
export function columnsOfObjects(objects: readonly JsonObject[]): SourceColumn[] {
  const guesses = new Map<string, Guess>();
  for (const object of objects) {
    for (const [key, value] of object) {
      if (key !== '') guesses.set(key, merged(guesses.get(key) ?? null, guessOf(value)));
    }
  }
  return [...guesses].map(([name, guess]) => ({ name, type: typeOf(guess) }));
}

function guessOf(value: JsonValue): Guess {
  if (value === null) return null;
  if (typeof value === 'boolean') return 'BOOLEAN';
  if (typeof value === 'string') return 'VARCHAR';
  if (value instanceof NumberText) return guessOfNumber(value.text);
  if (Array.isArray(value)) return { list: value.map(guessOf).reduce(merged, null) };
  return 'JSON';
}

function guessOfNumber(text: string): Guess {
  if (!/^-?\d+$/.test(text)) return 'DOUBLE';
  const integer = BigInt(text);
  if (BigInt.asIntN(64, integer) === integer) return integer < 0n ? 'BIGINT' : 'NATURAL';
  return BigInt.asUintN(64, integer) === integer ? 'UBIGINT' : 'JSON';
}

function merged(one: Guess, other: Guess): Guess {
  if (one === null || one === other) return other;
  if (other === null) return one;
  if (typeof one === 'object' && typeof other === 'object') return { list: merged(one.list, other.list) };
  const both = [one, other];
  if (both.includes('DOUBLE') && (both.includes('BIGINT') || both.includes('NATURAL'))) return 'DOUBLE';
  if (both.includes('NATURAL') && both.includes('BIGINT')) return 'BIGINT';
  return both.includes('NATURAL') && both.includes('UBIGINT') ? 'UBIGINT' : 'JSON';
}

function typeOf(guess: Guess): string {
  if (guess === null) return 'JSON';
  if (guess === 'NATURAL') return 'BIGINT';
  if (typeof guess === 'string') return guess;
  const element = typeOf(guess.list);
  return element === 'JSON' ? 'JSON' : `${element}[]`;
}

/** The first values of each column: strings as they are, anything else as JSON text. */
export function samplesOfObjects(
  objects: readonly JsonObject[],
  columns: readonly SourceColumn[],
): Record<string, (string | null)[]> {
  return Object.fromEntries(
    columns.map(({ name }) => [
      name,
      objects.map((object) => {
        const value = object.get(name) ?? null;
        return value === null || typeof value === 'string' ? value : jsonText(value);
      }),
    ]),
  );
}

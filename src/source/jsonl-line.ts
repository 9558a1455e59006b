// One line of JSON Lines as JavaScript reads it, with its numbers as they are written and its keys in their order:
// JSON.parse decides what is JSON, and of two equal keys the last one counts, as with Python's json.
import { isUtf8 } from 'node:buffer';

/** A number by its text, which loses no digit. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type JsonValue = null | boolean | string | NumberText | readonly JsonValue[] | JsonObject;
export type JsonObject = ReadonlyMap<string, JsonValue>;
export type Line = { readonly object: JsonObject } | { readonly malformed: string };

const tokens = /"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Reads a line given as bytes to letters (latin1). */
export function parseLine(latin1: string): Line {
  const bytes = Buffer.from(latin1, 'latin1');
  if (!isUtf8(bytes)) return { malformed: 'not valid UTF-8' };
  const text = bytes.toString();
  try {
    JSON.parse(text);
    // Every key gets a k in front, so that none looks like an array index, which would change its place; then {"n": ...} is a number.
    const marked = text.replace(tokens, (token, body: string | undefined, colon: string | undefined) => {
      if (body === undefined) return `{"n":"${token}"}`;
      return colon === undefined ? token : `"k${body}"${colon}`;
    });
    const value = unmarked(JSON.parse(marked));
    return value instanceof Map ? { object: value } : { malformed: `a JSON object expected, ${kindOf(value)} found` };
  } catch (error) {
    return { malformed: `not JSON: ${(error as Error).message}` };
  }
}

function unmarked(value: unknown): JsonValue {
  if (typeof value === 'string') return wellFormed(value);
  if (value === null || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(unmarked);
  const entries = Object.entries(value as Record<string, unknown>);
  if (entries.length === 1 && entries[0][0] === 'n') return new NumberText(entries[0][1] as string);
  return new Map(entries.map(([key, member]) => [wellFormed(key.slice(1)), unmarked(member)]));
}

function wellFormed(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new Error('half of a surrogate pair in a string');
  return text;
}

const kindOf = (value: JsonValue): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof NumberText) return 'a number';
  return typeof value === 'string' ? 'a string' : `${value}`;
};

/** A value as JSON text; numbers as they were written. */
export function jsonText(value: JsonValue): string {
  if (value instanceof NumberText) return value.text;
  if (value instanceof Map) {
    return `{${[...value].map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member)}`).join(',')}}`;
  }
  return Array.isArray(value) ? `[${value.map(jsonText).join(',')}]` : JSON.stringify(value);
}

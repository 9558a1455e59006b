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

/** Why a line (bytes as letters, latin1) is no JSON object, or null. */
export function problemOfLine(latin1: string): string | null {
  const bytes = Buffer.from(latin1, 'latin1');
  if (!isUtf8(bytes)) return 'not valid UTF-8';
  const text = bytes.toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return `a JSON object expected, ${kindOf(value)} found`;
  }
  return /\\ud[89a-f]/i.test(text) && hasLoneSurrogate(value) ? 'half of a surrogate pair in a string' : null;
}

/** Reads a line given as bytes to letters (latin1). */
export function parseLine(latin1: string): Line {
  const malformed = problemOfLine(latin1);
  if (malformed !== null) return { malformed };
  return { object: new ValidJson(Buffer.from(latin1, 'latin1').toString()).object() };
}

/** Walks through a text that JSON.parse accepts: nothing is checked again. */
class ValidJson {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  object(): JsonObject {
    const members = new Map<string, JsonValue>();
    this.#skipTo('{');
    while (this.#next() !== '}') {
      this.#skipTo('"');
      const key = this.#string();
      this.#skipTo(':');
      this.#next();
      members.set(key, this.#value());
    }
    this.#at++;
    return members;
  }

  #value(): JsonValue {
    const first = this.#text[this.#at];
    if (first === '{') return this.object();
    if (first === '[') return this.#array();
    if (first === '"') {
      this.#at++;
      return this.#string();
    }
    const start = this.#at;
    scalar.lastIndex = start;
    scalar.test(this.#text);
    this.#at = scalar.lastIndex;
    if (first === 't' || first === 'f') return first === 't';
    return first === 'n' ? null : new NumberText(this.#text.slice(start, this.#at));
  }

  #array(): JsonValue[] {
    const values: JsonValue[] = [];
    this.#at++;
    while (this.#next() !== ']') values.push(this.#value());
    this.#at++;
    return values;
  }

  /** The rest of a string whose opening quote is behind. */
  #string(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start);
    while (this.#isEscaped(end, start)) end = this.#text.indexOf('"', end + 1);
    this.#at = end + 1;
    const string = this.#text.slice(start, end);
    return string.includes('\\') ? JSON.parse(`"${string}"`) : string;
  }

  #isEscaped(quote: number, start: number): boolean {
    let backslashes = 0;
    while (quote - backslashes > start && this.#text[quote - backslashes - 1] === '\\') backslashes++;
    return backslashes % 2 === 1;
  }

  /** Past blanks and commas. */
  #next(): string {
    while (' ,\t\r\n'.includes(this.#text[this.#at])) this.#at++;
    return this.#text[this.#at];
  }

  #skipTo(letter: string): void {
    this.#at = this.#text.indexOf(letter, this.#at) + 1;
  }
}

const scalar = /[\w.+-]*/y;

function hasLoneSurrogate(value: unknown): boolean {
  if (typeof value === 'string') return /\p{Surrogate}/u.test(value);
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(([key, member]) => /\p{Surrogate}/u.test(key) || hasLoneSurrogate(member));
}

const kindOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'boolean'
        ? `${value}`
        : `a ${typeof value}`;

/** A value as JSON text; numbers as they were written. */
export function jsonText(value: JsonValue): string {
  if (value instanceof NumberText) return value.text;
  if (value instanceof Map) {
    return `{${[...value].map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member)}`).join(',')}}`;
  }
  return Array.isArray(value) ? `[${value.map(jsonText).join(',')}]` : JSON.stringify(value);
}

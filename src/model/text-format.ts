// Protobuf's text format (config.pbtxt), read without a schema: every field is a list of values in the order of the file.
// Numbers and names stay as they are written, quoted text is decoded; who asks for a field knows which of them it is.
// Grammar: https://protobuf.dev/reference/protobuf/textformat-spec/

export type TextValue = string | TextMessage;
/** Values by field name; a field that stands several times, or a list `[a, b]`, has several. */
export type TextMessage = ReadonlyMap<string, readonly TextValue[]>;

/** What is wrong with a text, and on which line. */
export class TextFormatError extends Error {}

const tokenPattern =
  /(?:\s|#.*)*(?:("(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')|(-?\s*[\w.+]+(?:(?<=[eE])-\d+f?)?)|([{}<>[\]:,;/-])|$)/y;

interface Token {
  readonly kind: 'quoted' | 'word' | 'sign' | 'end';
  readonly text: string;
  readonly offset: number;
}

/** Parses a whole text. Throws a TextFormatError at the first thing that is not of the format. */
export function parseTextFormat(text: string): TextMessage {
  const tokens = tokensOf(text);
  let next = 0;
  const fail = (expected: string): never => {
    const { kind, text: found, offset } = tokens[next];
    throw wrong(text, offset, `${expected} expected, not ${kind === 'end' ? 'the end of the file' : found}`);
  };
  const isAt = (sign: string): boolean => tokens[next].kind === 'sign' && tokens[next].text === sign;
  const take = (sign: string): boolean => {
    if (!isAt(sign)) return false;
    next += 1;
    return true;
  };

  function message(close: string | null): TextMessage {
    const fields = new Map<string, TextValue[]>();
    while (close === null ? tokens[next].kind !== 'end' : !take(close)) {
      const name = fieldName();
      const values = fields.get(name) ?? [];
      fields.set(name, values);
      if (take(':')) values.push(...(take('[') ? list() : [value()]));
      else if (isAt('{') || isAt('<')) values.push(value());
      else if (take('[')) values.push(...list());
      else fail(`":" or "{" after ${name}`);
      if (!take(',')) take(';');
    }
    return fields;
  }

  function fieldName(): string {
    if (take('[')) {
      const start = next;
      while (!isAt(']')) if (tokens[next++].kind === 'end') fail('"]"');
      next += 1;
      return `[${tokens
        .slice(start, next - 1)
        .map((token) => token.text)
        .join('')}]`;
    }
    if (tokens[next].kind !== 'word' || !/^[A-Za-z_]\w*$/.test(tokens[next].text)) fail('the name of a field');
    return tokens[next++].text;
  }

  function value(): TextValue {
    if (take('{')) return message('}');
    if (take('<')) return message('>');
    if (tokens[next].kind === 'word') return tokens[next++].text.replace(/\s/g, '');
    if (tokens[next].kind !== 'quoted') fail('a value');
    let decoded = '';
    // Quoted texts that follow each other are one.
    while (tokens[next].kind === 'quoted') decoded += unquoted(text, tokens[next++]);
    return decoded;
  }

  function list(): readonly TextValue[] {
    const values: TextValue[] = [];
    while (!take(']')) {
      if (values.length > 0 && !take(',')) fail('"," or "]"');
      values.push(value());
    }
    return values;
  }

  return message(null);
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  for (;;) {
    const start = tokenPattern.lastIndex;
    const match = tokenPattern.exec(text);
    if (match === null) {
      const offset = start + (/^(?:\s|#.*)*/.exec(text.slice(start))?.[0].length ?? 0);
      const isOpenQuote = text[offset] === '"' || text[offset] === "'";
      throw wrong(text, offset, isOpenQuote ? 'a quote is not closed' : `unexpected "${text[offset]}"`);
    }
    const [all, quoted, word, sign] = match;
    const found = quoted ?? word ?? sign ?? '';
    const kind = quoted ? 'quoted' : word ? 'word' : sign ? 'sign' : 'end';
    tokens.push({ kind, text: found, offset: start + all.length - found.length });
    if (kind === 'end') return tokens;
  }
}

const simpleEscapes: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** Octal and hexadecimal escapes are bytes of UTF-8, so the text is put together as bytes. */
function unquoted(text: string, { text: token, offset }: Token): string {
  const parts = token
    .slice(1, -1)
    .matchAll(/\\(?:([0-7]{1,3})|x([\da-fA-F]{1,2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))|[^\\]+/g);
  const bytes = [...parts].map(([all, octal, hex, short, long, simple]): Buffer => {
    if (octal !== undefined || hex !== undefined) return Buffer.from([Number.parseInt(octal ?? hex, octal ? 8 : 16)]);
    const codePoint = short ?? long;
    if (codePoint !== undefined) return Buffer.from(String.fromCodePoint(Number.parseInt(codePoint, 16)));
    if (simple === undefined) return Buffer.from(all);
    if (simpleEscapes[simple] !== undefined) return Buffer.from([simpleEscapes[simple]]);
    if (`\\'"?`.includes(simple)) return Buffer.from(simple);
    throw wrong(text, offset, `unknown escape ${all} in a quoted text`);
  });
  return Buffer.concat(bytes).toString('utf8');
}

function wrong(text: string, offset: number, message: string): TextFormatError {
  return new TextFormatError(`line ${text.slice(0, offset).split('\n').length}: ${message}`);
}

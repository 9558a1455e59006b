// HTML and SVG as text that cannot be broken out of: the tag `markup` escapes every value but pieces of markup, so whatever a
// column, a message or a job is called stays text.

export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Markup | string | number | readonly Content[] | null | false;

/** Values stand in elements or in attributes with double quotes; lists one after the other, null and false as nothing. */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = parts[0];
  for (const [i, value] of values.entries()) text += textOf(value) + parts[i + 1];
  return new Markup(text);
}

function textOf(value: Content): string {
  if (value instanceof Markup) return value.text;
  if (value === null || value === false) return '';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  return value.map(textOf).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, which HTML does not have, and letters that turn the direction of text show as what they are. */
const unprintable = /(?![\t\n\r])[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Noncharacter_Code_Point}]/gu;

function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (letter) => entities[letter])
    .replace(unprintable, (letter) => `\\u${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}

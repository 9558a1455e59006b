// Lists on the command line: `f0,f*,"ln(amount, 2)"` is three items. Only a comma outside of brackets and quotes separates.

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** The items, trimmed; an empty text has none. Quotes and brackets stay as they are, since items may be SQL. */
export function splitColumns(text: string): readonly string[] {
  const items: string[] = [];
  const open: string[] = [];
  let quote = '';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === "'" || character === '"') {
      quote = character;
    } else if (closing[character] !== undefined) {
      open.push(closing[character]);
    } else if (character === open.at(-1)) {
      open.pop();
    } else if (character === ',' && open.length === 0) {
      items.push(text.slice(start, i));
      start = i + 1;
    }
  }
  items.push(text.slice(start));
  const trimmed = items.map((item) => item.trim());
  return trimmed.length === 1 && trimmed[0] === '' ? [] : trimmed;
}

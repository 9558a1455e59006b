// The normalizer that SentencePiece compiles into a model: a trie of byte sequences, each with its replacement.
// Format: a little-endian length, the units of a double array (https://github.com/s-yata/darts-clone), then texts that end in
// NUL. Its quirk is kept: a grapheme of fewer than six bytes is replaced whole when a beginning of it is in the trie.
import { type Component, textOf, UnsupportedTokenizer } from './tokenizer-component.ts';

/** The normalizer of `precompiled_charsmap`, which is base64. */
export function charsmapNormalizer(component: Component): (text: string) => string {
  const bytes = Buffer.from(textOf(component, 'precompiled_charsmap', ''), 'base64');
  if (bytes.length < 4) return (text) => text;
  const trieBytes = bytes.readUInt32LE(0);
  if (trieBytes % 4 !== 0 || 4 + trieBytes > bytes.length)
    throw new UnsupportedTokenizer('its precompiled_charsmap is cut');
  const units = Uint32Array.from({ length: trieBytes / 4 }, (_, index) => bytes.readUInt32LE(4 + 4 * index));
  const texts = bytes.subarray(4 + trieBytes);
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
  const characters = new Map<string, string>();

  const replacementOf = (part: string): string | null => {
    const start = shortestMatch(units, Buffer.from(part));
    if (start === null) return null;
    const end = texts.indexOf(0, start);
    return texts.toString('utf8', start, end === -1 ? texts.length : end);
  };
  const replaceCharacter = (character: string): string => {
    let replacement = characters.get(character);
    if (replacement === undefined) {
      replacement = replacementOf(character) ?? character;
      characters.set(character, replacement);
    }
    return replacement;
  };
  const replaceGrapheme = (grapheme: string): string => {
    const isCharacter = grapheme.length === 1;
    const whole = isCharacter || Buffer.byteLength(grapheme) >= 6 ? null : replacementOf(grapheme);
    return whole ?? Array.from(grapheme, replaceCharacter).join('');
  };
  return (text) => {
    // Among ASCII characters, only a carriage return and its line feed make one grapheme.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is asked for
    if (/^[\x00-\x0c\x0e-\x7f]*$/.test(text)) return Array.from(text, replaceCharacter).join('');
    return Array.from(segmenter.segment(text), ({ segment }) => replaceGrapheme(segment)).join('');
  };
}

/** The value of the shortest key that the bytes begin with. */
function shortestMatch(units: Uint32Array, bytes: Uint8Array): number | null {
  let node = offsetOf(units[0]);
  for (const byte of bytes) {
    if (byte === 0) return null;
    node ^= byte;
    const unit = units[node] ?? 0;
    if ((unit & 0x800000ff) >>> 0 !== byte) return null;
    node ^= offsetOf(unit);
    if ((unit >>> 8) & 1) return (units[node] ?? 0) & 0x7fffffff;
  }
  return null;
}

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & (1 << 9)) >>> 6);

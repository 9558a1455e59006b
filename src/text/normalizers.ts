// What is done to a text before it is cut into words, exactly as the Rust library of tokenizers does it: lower case is told
// character by character, and characters are of the classes that its Unicode tables give them.
import { byteLetters } from './byte-letters.ts';
import { charsmapNormalizer } from './charsmap.ts';
import { matchesOf, patternOf } from './split-pattern.ts';
import { type Component, componentsOf, flagOf, madeOf, textOf } from './tokenizer-component.ts';
import { everyAccent, everyControl, everyMark, everyUndecomposed, isAscii } from './unicode-classes.ts';

export type Normalize = (text: string) => string;

/** The normalizer of a tokenizer.json; fails with UnsupportedTokenizer. */
export function normalizerOf(component: Component | null): Normalize {
  return component === null ? (text) => text : madeOf(component, makers, 'normalizer');
}

const makers: Readonly<Record<string, (component: Component) => Normalize>> = {
  BertNormalizer: bertNormalizer,
  ByteLevel: () => byteLetters,
  Lowercase: () => lowerCase,
  NFC: () => normalForm('NFC'),
  NFD: () => normalForm('NFD'),
  NFKC: () => normalForm('NFKC'),
  NFKD: () => normalForm('NFKD'),
  Nmt: () => nmt,
  Precompiled: charsmapNormalizer,
  Prepend: (component) => {
    const prefix = textOf(component, 'prepend', '');
    return (text) => (text === '' ? '' : prefix + text);
  },
  Replace: (component) => {
    const pattern = patternOf(component);
    const content = textOf(component, 'content', '');
    return (text) => replaceMatches(text, pattern, content);
  },
  Sequence: (component) => {
    const steps = componentsOf(component, 'normalizers').map(normalizerOf);
    return (text) => steps.reduce((result, step) => step(result), text);
  },
  Strip: (component) => {
    const isLeft = flagOf(component, 'strip_left', true);
    const isRight = flagOf(component, 'strip_right', true);
    return (text) => {
      const left = isLeft ? text.replace(/^\p{White_Space}+/u, '') : text;
      return isRight ? left.slice(0, endWithoutSpace(left)) : left;
    };
  },
  StripAccents: () => (text) => text.replace(everyMark, ''),
};

function replaceMatches(text: string, pattern: RegExp, content: string): string {
  let result = '';
  let last = 0;
  for (const [start, end] of matchesOf(text, pattern)) {
    result += text.slice(last, start) + content;
    last = end;
  }
  return result + text.slice(last);
}

/** The end of a text without the white space at its end. A loop: `\s+$` takes quadratic time on a long run of blanks. */
export function endWithoutSpace(text: string): number {
  let end = text.length;
  while (end > 0 && /^\p{White_Space}$/u.test(text[end - 1])) end--;
  return end;
}

/** Without the context rule of Unicode that gives a sigma at the end of a word another form. */
const lowerCase: Normalize = (text) => text.replaceAll('Σ', 'σ').toLowerCase();

const normalForm =
  (form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): Normalize =>
  (text) =>
    text
      .split(everyUndecomposed)
      .map((part, index) => (index % 2 === 1 ? part : part.normalize(form)))
      .join('');

const decompose = normalForm('NFD');

const nmt: Normalize = (text) =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
    .replace(/[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]/g, '')
    .replace(/[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g, ' ');

const everyIdeograph =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

function bertNormalizer(component: Component): Normalize {
  const isCleaned = flagOf(component, 'clean_text', true);
  const isSpaced = flagOf(component, 'handle_chinese_chars', true);
  const isLower = flagOf(component, 'lowercase', true);
  const isStripped = flagOf(component, 'strip_accents', isLower);
  return (text) => {
    const cleaned = isCleaned ? text.replace(everyControl, '').replace(/\p{White_Space}/gu, ' ') : text;
    if (isAscii(cleaned)) return isLower ? cleaned.toLowerCase() : cleaned;
    const spaced = isSpaced ? cleaned.replace(everyIdeograph, ' $& ') : cleaned;
    const stripped = isStripped ? decompose(spaced).replace(everyAccent, '') : spaced;
    return isLower ? lowerCase(stripped) : stripped;
  };
}

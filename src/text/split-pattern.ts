// Where a pattern of a tokenizer.json matches in a text, and the five ways to cut the text there.
import { SplitPreTokenizer } from '@huggingface/tokenizers';
import { type Component, isRecord, UnsupportedTokenizer, wrong } from './tokenizer-component.ts';
import { everyRecent, isAscii } from './unicode-classes.ts';

/** Where a pattern matches: [start, end) in UTF-16 units, ascending. */
export type Matches = readonly (readonly [start: number, end: number])[];

export const whitespace = /\p{White_Space}+/gu;

/**
 * The matches of a pattern with the flag g. A character that is too new for the tokenizer library's Unicode tables is shown to the
 * pattern as one without any class, which it is there; an empty match right after another does not count, as in Rust.
 */
export function matchesOf(text: string, pattern: RegExp): Matches {
  const shown = isAscii(text)
    ? text
    : text.replace(everyRecent, (character) => (character.length === 1 ? '\uffff' : '\u{10ffff}'));
  const matches: [number, number][] = [];
  let end = -1;
  for (const { 0: found, index } of shown.matchAll(pattern)) {
    if (found === '' && index === end) continue;
    end = index + found.length;
    matches.push([index, end]);
  }
  return matches;
}

/** The regular expression of `{ "String": ... }` or `{ "Regex": ... }`; Oniguruma's syntax is rewritten by the library. */
export function patternOf(component: Component): RegExp {
  const { pattern } = component;
  if (!isRecord(pattern)) throw wrong(component, 'pattern');
  if (typeof pattern.String === 'string') {
    return new RegExp(pattern.String.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&').replaceAll('\\-', '\\x2d'), 'gu');
  }
  if (typeof pattern.Regex !== 'string') throw wrong(component, 'pattern');
  try {
    const { pattern: rewritten } = new SplitPreTokenizer({ type: 'Split', pattern: { Regex: pattern.Regex } });
    if (rewritten instanceof RegExp) return rewritten;
  } catch (error) {
    throw new UnsupportedTokenizer(`its pattern ${pattern.Regex} cannot be used: ${(error as Error).message}`);
  }
  throw wrong(component, 'pattern');
}

export type Behavior = 'Removed' | 'Isolated' | 'MergedWithPrevious' | 'MergedWithNext' | 'Contiguous';

const behaviors: readonly string[] = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'];

export function behaviorOf(component: Component): Behavior {
  const { behavior = 'Isolated' } = component;
  if (typeof behavior !== 'string' || !behaviors.includes(behavior)) throw wrong(component, 'behavior');
  return behavior as Behavior;
}

interface Range {
  start: number;
  end: number;
  isMatch: boolean;
}

/** The ranges of a text that is cut at matches, none of them empty. */
export function cutAt(text: string, matches: Matches, behavior: Behavior, isInverted = false): Matches {
  const ranges = coveringRanges(text, matches);
  if (isInverted) for (const range of ranges) range.isMatch = !range.isMatch;
  return joined(ranges, behavior)
    .filter(({ start, end }) => end > start)
    .map(({ start, end }) => [start, end] as const);
}

function coveringRanges(text: string, matches: Matches): Range[] {
  const ranges: Range[] = [];
  let last = 0;
  for (const [start, end] of matches) {
    if (start > last) ranges.push({ start: last, end: start, isMatch: false });
    ranges.push({ start, end, isMatch: true });
    last = end;
  }
  if (last < text.length) ranges.push({ start: last, end: text.length, isMatch: false });
  return ranges;
}

function joined(ranges: readonly Range[], behavior: Behavior): readonly Range[] {
  if (behavior === 'Isolated') return ranges;
  if (behavior === 'Removed') return ranges.filter(({ isMatch }) => !isMatch);
  const isBackwards = behavior === 'MergedWithNext';
  const result: Range[] = [];
  let wasMatch = false;
  for (const range of isBackwards ? [...ranges].reverse() : ranges) {
    const last = result.at(-1);
    const joins = behavior === 'Contiguous' ? range.isMatch === wasMatch : range.isMatch && !wasMatch;
    wasMatch = range.isMatch;
    if (!joins || last === undefined) result.push({ ...range });
    else if (isBackwards) last.start = range.start;
    else last.end = range.end;
  }
  return isBackwards ? result.reverse() : result;
}

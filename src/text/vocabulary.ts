// What every model of a tokenizer.json has: tokens with their ids, and what becomes of a text without one.
import { type Component, isRecord, wrong } from './tokenizer-component.ts';

export interface WordModel {
  /** The ids of one word. Throws UnknownWord when the model has no token for what it does not know. */
  readonly encode: (word: string) => readonly number[];
  readonly idOf: (token: string) => number | undefined;
}

/** A text that the tokenizer has no token for, not even one for the unknown. */
export class UnknownWord extends Error {}

/** The vocabulary of a model that maps tokens to ids. */
export function vocabularyOf(component: Component): ReadonlyMap<string, number> {
  const { vocab } = component;
  if (!isRecord(vocab) || !Object.values(vocab).every(Number.isSafeInteger)) throw wrong(component, 'vocab');
  return new Map(Object.entries(vocab as Record<string, number>));
}

export function orUnknown(id: number | undefined, word: string): number {
  if (id === undefined) throw new UnknownWord(`the tokenizer has no token for ${JSON.stringify(word.slice(0, 40))}`);
  return id;
}

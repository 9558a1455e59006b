// One part of a tokenizer.json, such as its normalizer: a type and settings, read with checks. What we cannot do exactly as
// the Rust library of tokenizers does it is refused, never approximated.

export interface Component {
  readonly type: string;
  readonly [setting: string]: unknown;
}

/** A tokenizer of a kind that is not supported, or a file that is none. */
export class UnsupportedTokenizer extends Error {}

/** The component at a key; null where the file has none. */
export function componentOf(value: unknown, key: string): Component | null {
  if (value === null || value === undefined) return null;
  if (!isRecord(value) || typeof value.type !== 'string') throw new UnsupportedTokenizer(`its ${key} has no type`);
  return value as Component;
}

/** The components of a Sequence. */
export function componentsOf(component: Component, key: string): readonly Component[] {
  const list = component[key];
  if (!Array.isArray(list)) throw new UnsupportedTokenizer(`its ${component.type} has no ${key}`);
  return list.map((one) => {
    const found = componentOf(one, key);
    if (found === null) throw new UnsupportedTokenizer(`its ${component.type} has an empty part`);
    return found;
  });
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function flagOf(component: Component, setting: string, fallback: boolean): boolean {
  const value = component[setting] ?? fallback;
  if (typeof value !== 'boolean') throw wrong(component, setting);
  return value;
}

export function textOf(component: Component, setting: string, fallback: string): string {
  const value = component[setting] ?? fallback;
  if (typeof value !== 'string') throw wrong(component, setting);
  return value;
}

export function wholeOf(component: Component, setting: string, fallback: number): number {
  const value = component[setting] ?? fallback;
  if (!Number.isSafeInteger(value)) throw wrong(component, setting);
  return value as number;
}

export const wrong = ({ type }: Component, setting: string): UnsupportedTokenizer =>
  new UnsupportedTokenizer(`the setting ${setting} of its ${type} is not as it should be`);

/** Makes the thing of a component's type, or says that the type is not supported. */
export function madeOf<Made>(
  component: Component,
  makers: Readonly<Record<string, (component: Component) => Made>>,
  kind: string,
): Made {
  if (!Object.hasOwn(makers, component.type)) {
    throw new UnsupportedTokenizer(`its ${kind} is of the type ${component.type}, which is not supported`);
  }
  return makers[component.type](component);
}

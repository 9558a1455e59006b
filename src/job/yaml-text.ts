// Values as a job file writes them: on one line of YAML, in which nothing is taken for a template.
import { stringify } from 'yaml';

/** A text, number, list or mapping on one line; a `$` in a text is doubled, as templates want it. */
export function yamlText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlText).join(', ')}]`;
  if (typeof value !== 'object' || value === null)
    return scalarText(typeof value === 'string' ? value.replaceAll('$', '$$$$') : value);
  const entries = Object.entries(value).map(([key, inner]) => `${yamlKey(key)}: ${yamlText(inner)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** A key of a job file, which templates leave alone. */
export const yamlKey = (name: string): string => scalarText(name);

/** Quoted as it must be inside of brackets, which is enough everywhere. */
const scalarText = (value: unknown): string =>
  stringify([value], { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd().slice(1, -1);

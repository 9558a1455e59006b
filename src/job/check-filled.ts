// Text that a template made, read as the schema wants it: `budget: ${BUDGET:-0}` is a number, `name: ${NAME}` stays text
// even when it is `007`. Both readings are tried, the one that YAML would take first.
import { parse } from 'yaml';
import { type Checked, checkJob } from './check-job.ts';
import { formatPath, type Mapping, type Path, withValueAt } from './overrides.ts';
import type { Filled } from './template.ts';

/**
 * Checks a value whose templates are filled in. `isPlain` tells which of the templated texts stand without quotes: those
 * are numbers first. A message about a filled-in text shows the template, never the text.
 */
export function checkFilled(value: Mapping, filled: readonly Filled[], isPlain: (path: Path) => boolean): Checked {
  const written = new Map(filled.map((text) => [formatPath(text.path), text.written]));
  const shownOf = (path: Path): string | undefined => {
    const template = written.get(formatPath(path));
    return template === undefined ? undefined : `what ${template} stands for`;
  };
  const readings = filled.flatMap(({ path, text, alone }) => {
    const read = alone ? scalarOf(text) : text;
    return read === text
      ? []
      : [isPlain(path) ? { path, first: read, second: text } : { path, first: text, second: read }];
  });
  const first = readings.reduce((current, reading) => withValueAt(current, reading.path, reading.first), value);
  const checked = checkJob(first, shownOf);
  const refused = new Set(checked.problems.map(({ path }) => formatPath(path)));
  const reread = readings.filter(({ path }) => refused.has(formatPath(path)));
  if (reread.length === 0) return checked;
  return checkJob(
    reread.reduce((current, reading) => withValueAt(current, reading.path, reading.second), first),
    shownOf,
  );
}

/** The number or boolean that YAML reads plain text as; the text itself when it is neither. */
function scalarOf(text: string): unknown {
  if (!/^(?:true|false|[-+.\d][\w.+-]*)$/i.test(text)) return text;
  const value: unknown = parse(text);
  return typeof value === 'number' || typeof value === 'boolean' ? value : text;
}

// The conformance cases that do not come out as published, each with what becomes of it and why: `exceptions.tsv`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Case -> its outcome: the reason of the refusal, or `differs`. */
export function readExceptions(): ReadonlyMap<string, string> {
  const [, ...lines] = readFileSync(join(import.meta.dirname, 'exceptions.tsv'), 'utf8')
    .trimEnd()
    .split('\n');
  return new Map(
    lines.map((line) => {
      const [name, outcome, cause] = line.split('\t');
      if (!cause) throw new Error(`${name} has no cause`);
      return [name, outcome];
    }),
  );
}

// Writes docs/safety.md from what the sweeps left in coverage/safety: each promise with how often it was tried, when, and what
// came of it. Started by `make test-safe`; exits with 1 when a promise was not kept.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'coverage/safety');
const records = readdirSync(folder)
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
  .sort((a, b) => a.startedMs - b.startedMs);
if (records.length === 0) throw new Error(`${folder} is empty: no sweep was run`);

/** `powerCuts: 12` -> `12 power cuts` */
const inWords = ([name, count]) =>
  `${count.toLocaleString('en')} ${name.replace(/[-A-Z]/g, (letter) => ` ${letter === '-' ? '' : letter.toLowerCase()}`)}`;
const rowOf = ({ promise, counts, startedMs, wallMs, size, result }) =>
  [
    promise.charAt(0).toUpperCase() + promise.slice(1),
    Object.entries(counts).map(inWords).join(', '),
    size,
    new Date(startedMs).toISOString().slice(0, 10),
    `${Math.ceil(wallMs / 1000)} s`,
    result,
  ].join(' | ');

mkdirSync(join(root, 'docs'), { recursive: true });
writeFileSync(
  join(root, 'docs/safety.md'),
  `# What was done to runs, and what came of it

Written by \`make test-safe\`; CI tries a sample of each on every change. A step is an operation on the output folder or a
message between the processes of a run. "Look" is one look of a reader that watches the output folder meanwhile, and finds
only whole parts of one result, and \`_SUCCESS\` only beside all of them. In every test but those of single files, the same
command is started again afterwards, and must leave the bytes and names that an undisturbed run leaves.

Machine: ${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores; Node ${process.versions.node}.

| What holds | how often tried | size | date | took | result |
| --- | --- | --- | --- | --- | --- |
${records.map((record) => `| ${rowOf(record)} |`).join('\n')}
`,
);
process.exitCode = records.every(({ result }) => result === 'passed') ? 0 : 1;

// Writes docs/safety.md from what the sweeps left in coverage/safety: each promise with how often it was tried, when, and what
// came of it. Started by `make test-safe`; exits with 1 when a promise was not kept, or not tried to the end.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'coverage/safety');
const records = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
  .sort((a, b) => a.startedMs - b.startedMs);
if (records.length === 0) throw new Error(`${folder} is empty: no sweep was run`);

/** `powerCuts: 12` -> `12 power cuts` */
const inWords = ([name, count]) =>
  `${count.toLocaleString('en')} ${name.replace(/[-A-Z]/g, (letter) => ` ${letter === '-' ? '' : letter.toLowerCase()}`)}`;
/** A sweep that was stopped says how far it came: a part of the full size is not the full size. */
const sizeOf = ({ size, result, planned, done }) =>
  size === 'full' && result === 'not run to its end' ? `a part of full (${done} of ${planned || 'all'})` : size;
const rowOf = (record) =>
  [
    record.promise.charAt(0).toUpperCase() + record.promise.slice(1),
    Object.entries(record.counts).map(inWords).join(', ') || 'nothing yet',
    sizeOf(record),
    record.commit,
    new Date(record.startedMs).toISOString().slice(0, 10),
    `${Math.ceil(record.wallMs / 1000)} s`,
    record.result,
  ].join(' | ');
const isWhole = ({ size, result }) => size === 'full' && result === 'passed';
const whole = records.filter(isWhole).length;
const howMuch =
  whole === records.length
    ? `All ${whole} sweeps below ran to their end at full size.`
    : `${whole} of the ${records.length} sweeps below ran to their end at full size. The others ran in the reduced form, which CI runs on every change, or
were stopped: their rows say so.`;

mkdirSync(join(root, 'docs'), { recursive: true });
writeFileSync(
  join(root, 'docs/safety.md'),
  `# What was done to runs, and what came of it

Written by \`make test-safe\`, which runs all of it at full size; CI tries a sample of each on every change. A step is an operation on the output folder or a
message between the processes of a run. "Look" is one look of a reader that watches the output folder meanwhile, and finds
only whole parts of one result, and \`_SUCCESS\` only beside all of them. In every test but those of single files, the same
command is started again afterwards, and must leave the bytes and names that an undisturbed run leaves.

${howMuch}

Machine: ${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores; Node ${process.versions.node}.

| What holds | how often tried | size | commit | date | took | result |
| --- | --- | --- | --- | --- | --- | --- |
${records.map((record) => `| ${rowOf(record)} |`).join('\n')}
`,
);
process.exitCode = records.every(({ result }) => result === 'passed') ? 0 : 1;

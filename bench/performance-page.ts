// docs/performance.md: the figures of the suite and those of other programs, each with its conditions, as Markdown. The tables
// of the suite are also what `make bench` prints.
import { formatTable } from './format-table.ts';
import { type PeerFigures, peerConditions, peerTable } from './peer-figures.ts';
import { type SideFacts, type SuiteFigures, stages, type WorkloadFigures } from './run-suite.ts';
import { ratioOf, type Spread, spreadOf, verdictOf } from './spread.ts';
import { wrapLines } from './wrap-lines.ts';

/** The page; ends with a line break. */
export function performancePage(suite: SuiteFigures, peers: PeerFigures): string {
  return `# Performance

<!-- Written by \`make bench\`, and by \`make docs\` from bench/figures/. -->

Two tables of figures that must not be mixed: those of the suite in this repository, which tell where the time of a run goes
and whether a change helps, and those of other programs over the same files. Seconds hold for the machine that they were measured
on; ratios carry further.

## The suite

${suiteTables(suite)}

## Next to other programs

${peerConditions(peers)}

${peerTable(peers)}

## Measuring it again

\`\`\`sh
make bench                                           # one million rows, three runs: a few minutes
make bench ARGS='--rows 10000000 --runs 5'           # for figures to publish, on a machine that does nothing else
make bench AGAINST=HEAD~1                            # against a revision of this repository
make bench AGAINST=../other ARGS='--only csv,trees'  # against another checkout; some workloads print, and write no page
\`\`\`

A run is the whole command, from its start to its exit, with an output folder that is not there before; files are in the page cache.
One round comes before those that count. Two checkouts take turns, and who begins changes with each round. Every output is checked:
the rows of the dataset, each in its place, and scores within 0.00001 of those of the first run. A workload whose
output is wrong has no figures, and the command ends with 1. Processor time is user and system time of all processes as Linux accounts for them; memory is
what they allocated themselves (RssAnon) and in brackets all that was resident, at the worst of moments 20 ms apart.
Stages are those of \`_scoremill/run.parquet\`, of the same runs; those of workers are added up, so they can exceed the time on the clock.
`;
}

/** All that a run of the suite found, with its conditions. */
export function suiteTables(suite: SuiteFigures): string {
  const good = suite.workloads.filter(({ problems }) => problems.length === 0);
  const sections = [conditionsOf(suite), ...noticesOf(suite, good), ...problemsOf(suite)];
  if (good.length === 0) return sections.join('\n\n');
  suite.sides.forEach((facts, side) => {
    const of = suite.sides.length === 1 ? '' : ` of ${facts.name}`;
    sections.push(
      `### Whole runs${of}`,
      wholeRuns(good, side),
      `### Where the time goes${of}, in milliseconds`,
      stageTable(good, side),
    );
  });
  if (suite.sides.length === 2) {
    const [ours, theirs] = suite.sides;
    sections.push(
      `### ${theirs.name} against ${ours.name}`,
      wrapLines(
        `What ${theirs.name} takes over what ${ours.name} takes, in pairs of runs next to each other: median and range. Above 1, ` +
          `${ours.name} takes less; it is called faster or slower only where all ${suite.runs} pairs agree. Stages: ratio of medians.`,
      ),
      ratioTable(good, ours),
    );
  }
  return sections.join('\n\n');
}

function conditionsOf({ startedAt, machine, rows, runs, sides }: SuiteFigures): string {
  const sideText = ({ name, revision, versions }: SideFacts): string => {
    const about = Object.entries(versions).map(([program, version]) => `${program} ${version}`);
    const what = [...(revision === null || revision === name ? [] : [`revision ${revision}`]), ...about].join(', ');
    return `${name}: ${what}`;
  };
  const conditions =
    `Measured on ${startedAt.slice(0, 10)}: ${machine.processor}, ${machine.cores} cores, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ` +
    `${machine.system}; load ${machine.load.toFixed(1)} before it began. ${amount(rows)} rows, or the share of them that the table says; ` +
    `median of ${runs} runs (fastest to slowest).`;
  return `${wrapLines(conditions)}\n\n${sides.map((side) => `- ${sideText(side)}`).join('\n')}`;
}

/** How far seconds of a busy machine can be trusted: not far. */
function noticesOf({ machine, sides }: SuiteFigures, workloads: readonly WorkloadFigures[]): readonly string[] {
  const wavering = workloads.filter((workload) =>
    workload.sides.some(({ wallMs }) => {
      const { least, most } = spreadOf(wallMs);
      return most > 1.25 * least;
    }),
  );
  const reasons = [
    ...(machine.load > machine.cores / 4 ? ['other work ran on the machine before the first run'] : []),
    ...(wavering.length > 0
      ? [
          `runs of ${wavering.map(({ name }) => name).join(', ')} took up to ${worstOf(wavering)} times as long as others of the same`,
        ]
      : []),
  ];
  if (reasons.length === 0) return [];
  const rest =
    sides.length === 2 ? 'Trust ratios and processor time, not seconds.' : 'Trust processor time, not seconds.';
  return [wrapLines(`**Noisy**: ${reasons.join('; ')}. ${rest}`)];
}

function worstOf(workloads: readonly WorkloadFigures[]): string {
  const factors = workloads.flatMap(({ sides }) =>
    sides.map(({ wallMs }) => spreadOf(wallMs).most / spreadOf(wallMs).least),
  );
  return Math.max(...factors).toFixed(1);
}

function problemsOf({ workloads }: SuiteFigures): readonly string[] {
  const lines = workloads.flatMap(({ name, problems }) => problems.map((problem) => `- ${name}: ${problem}`));
  return lines.length === 0 ? [] : [`### Wrong, and therefore without figures\n\n${lines.join('\n')}`];
}

function wholeRuns(workloads: readonly WorkloadFigures[], side: number): string {
  return formatTable(
    ['workload', 'rows', 'seconds', 'processor seconds', 'MB (resident)', 'rows a second'],
    workloads.map(({ name, what, rows, sides }) => {
      const { wallMs, cpuMs, anonymousBytes, residentBytes, stageMs } = sides[side];
      const megabytes = (bytes: readonly number[]): string => String(Math.round(spreadOf(bytes).most / 1e6));
      return [
        `${name}: ${what}`,
        amount(rows),
        rangeOf(spreadOf(wallMs), 1000),
        rangeOf(spreadOf(cpuMs), 1000),
        `${megabytes(anonymousBytes)} (${megabytes(residentBytes)})`,
        stageMs === null ? '' : amount(Math.round((rows / spreadOf(wallMs).median) * 1000)),
      ];
    }),
  );
}

function stageTable(workloads: readonly WorkloadFigures[], side: number): string {
  const rows = workloads.flatMap(({ name, sides }) => {
    const { stageMs } = sides[side];
    if (stageMs === null) return [];
    return [[name, ...stages.map((stage) => amount(Math.round(spreadOf(stageMs[stage]).median)))]];
  });
  return formatTable(['workload', ...stages], rows);
}

function ratioTable(workloads: readonly WorkloadFigures[], { name: us }: SideFacts): string {
  return formatTable(
    ['workload', 'seconds', 'processor seconds', `${us} is`, 'MB', ...stages],
    workloads.map(({ name, sides: [ours, theirs] }) => {
      const wall = ratioOf(theirs.wallMs, ours.wallMs);
      const stageRatio = (stage: (typeof stages)[number]): string => {
        if (ours.stageMs === null || theirs.stageMs === null) return '';
        const [their, our] = [theirs, ours].map(({ stageMs }) => spreadOf(stageMs![stage]).median);
        // Less than a step of what can be told apart.
        return Math.max(their, our) < 5 ? '' : (their / our).toFixed(2);
      };
      return [
        name,
        rangeOf(wall),
        rangeOf(ratioOf(theirs.cpuMs, ours.cpuMs)),
        verdictOf(wall),
        rangeOf(ratioOf(theirs.anonymousBytes, ours.anonymousBytes)),
        ...stages.map(stageRatio),
      ];
    }),
  );
}

/** `1.31 (1.28 to 1.40)` */
const rangeOf = ({ median, least, most }: Spread, unit = 1): string => {
  const [middle, low, high] = [median, least, most].map((value) => (value / unit).toFixed(2));
  return `${middle} (${low} to ${high})`;
};

const amount = (value: number): string => value.toLocaleString('en-US');

// What Prometheus is told of a job: gauges about its last execution, and about its last success, which a failure leaves as they
// are. Names, base units and help follow Prometheus' conventions; the job is the label `job_name`, as `job` belongs to the scrape.
import { type Verdict, verdicts } from '../core/event.ts';
import { stages } from '../core/outcome.ts';
import type { RunStats } from '../stats/run-stats.ts';

export const endings = [...verdicts, 'refused'] as const;
/** How an execution ended; `refused`: before its first row was scored. */
export type Ending = Verdict | 'refused';

export interface Execution {
  readonly job: string;
  readonly ending: Ending;
  readonly endedMs: number;
  readonly wallMs: number;
  /** Of a run that published its result; null: there is none, or there was nothing to do. */
  readonly stats: RunStats | null;
}

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Family {
  readonly name: string;
  readonly help: string;
  /** Null: keep what was said before. */
  readonly samples: (execution: Execution) => readonly Sample[] | null;
}

/** A success is also to find that everything had been scored before. */
export const isSuccess = ({ ending }: Execution): boolean => ending === 'complete' || ending === 'already-complete';

const always = (name: string, help: string, samples: Family['samples']): Family => ({
  name: `scoremill_${name}`,
  help,
  samples,
});
const ofScoring = (name: string, help: string, samples: (stats: RunStats) => readonly Sample[]): Family => ({
  name: `scoremill_last_success_${name}`,
  help,
  samples: ({ stats }) => (stats === null ? null : samples(stats)),
});
const one = (value: number | null): readonly Sample[] => (value === null ? [] : [{ value }]);

const families: readonly Family[] = [
  always('last_run_timestamp_seconds', 'When the last execution of the job ended, in seconds since 1970.', (run) =>
    one(run.endedMs / 1000),
  ),
  always('last_run_duration_seconds', 'How long the last execution of the job took.', (run) => one(run.wallMs / 1000)),
  always('last_run_success', 'Whether the last execution of the job ended with a complete result: 1 or 0.', (run) =>
    one(isSuccess(run) ? 1 : 0),
  ),
  always('last_run_verdict', 'How the last execution of the job ended: 1 for its verdict, 0 for the others.', (run) =>
    endings.map((verdict) => ({ labels: { verdict }, value: run.ending === verdict ? 1 : 0 })),
  ),
  always(
    'last_success_timestamp_seconds',
    'When the job last ended with a complete result, in seconds since 1970; nothing to do counts.',
    (run) => (isSuccess(run) ? one(run.endedMs / 1000) : null),
  ),
  ofScoring('rows', 'Input rows of the last run that published a result, by what became of them.', (stats) =>
    (['scored', 'rejected', 'filtered'] as const).map((outcome) => ({ labels: { outcome }, value: stats[outcome] })),
  ),
  ofScoring('written_rows', 'Rows that the last run that published a result wrote.', ({ written }) => one(written)),
  ofScoring('shards', 'Input files of the last run that published a result.', ({ shards }) => one(shards)),
  ofScoring('splits', 'Splits, and parts, of the last run that published a result.', ({ splits }) => one(splits)),
  ofScoring('input_bytes', 'Bytes of input that the last run that published a result read.', (stats) =>
    one(stats.inputBytes),
  ),
  ofScoring('output_bytes', 'Bytes of the parts of the last run that published a result.', (stats) =>
    one(stats.outputBytes),
  ),
  ofScoring('phase_seconds', 'Time of the last run that published a result, by phase.', (stats) =>
    (['preflight', 'scoring', 'publish'] as const).map((phase) => ({
      labels: { phase },
      value: stats[`${phase}Ms`] / 1000,
    })),
  ),
  ofScoring('stage_seconds', 'Time of all workers of the last run that published a result, by stage.', (stats) =>
    stages.map((stage) => ({ labels: { stage }, value: stats[`${stage}Ms`] / 1000 })),
  ),
  ofScoring('core_seconds', 'Time of the last run that published a result, times the cores it used.', (stats) =>
    one(stats.coreSeconds),
  ),
  ofScoring('rows_per_second', 'Rows of the last run that published a result by the time it took.', (stats) =>
    one(stats.rowsPerSecond),
  ),
  ofScoring('batch_seconds', 'Time of a call of the model in the last run that published a result.', (stats) =>
    (
      [
        ['50', stats.batchP50Ms],
        ['95', stats.batchP95Ms],
        ['99', stats.batchP99Ms],
        ['100', stats.batchMaxMs],
      ] as const
    ).flatMap(([percentile, ms]) => (ms === null ? [] : [{ labels: { percentile }, value: ms / 1000 }])),
  ),
  ofScoring(
    'peak_memory_bytes',
    'The most memory that the engine process held in the last run that published a result.',
    (stats) => one(stats.peakMemoryBytes),
  ),
  ofScoring(
    'engine_restarts',
    'How often the engine process ended and was restarted in the last run that published a result.',
    (stats) => one(stats.engineRestarts),
  ),
  ofScoring('info', 'What the last run that published a result was made by, in its labels.', (stats) => [
    {
      labels: {
        run_id: stats.runId,
        model_sha256: stats.modelSha256,
        version: stats.scoremillVersion,
        onnxruntime_version: stats.onnxruntimeVersion,
      },
      value: 1,
    },
  ]),
];

/** The metrics as text that Prometheus reads. What this execution has nothing to say of is taken from `previous`, such a text. */
export function metricsText(execution: Execution, previous = ''): string {
  const before = samplesOf(previous);
  return families
    .map(({ name, help, samples }) => {
      const lines =
        samples(execution)?.map(({ labels, value }) =>
          sampleLine(name, { job_name: execution.job, ...labels }, value),
        ) ??
        before.get(name) ??
        [];
      return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('\n')}\n`;
    })
    .join('');
}

const wholeSample = /^([a-z_]+)\{(?:[a-z0-9_]+="(?:[^"\\\n]|\\.)*",?)*\} -?[0-9.]+(?:e[+-]?[0-9]+)?$/;

/** The lines of samples by name; what is no sample is left out. */
function samplesOf(text: string): ReadonlyMap<string, readonly string[]> {
  const samples = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const name = wholeSample.exec(line)?.[1];
    if (name !== undefined) samples.set(name, [...(samples.get(name) ?? []), line]);
  }
  return samples;
}

function sampleLine(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
  return `${name}{${pairs.join(',')}} ${value}`;
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

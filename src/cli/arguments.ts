// argv + SCOREMILL_ variables -> what was meant, as one typed command. Nothing prints and nothing exits here: a wrong
// command line is a FailureError of reason `usage` that carries every problem found.
import { type Failure, FailureError } from '../core/failure.ts';
import type { JobRequest } from '../job/load.ts';
import { overrideFailures } from '../job/override-failures.ts';
import type { Override } from '../job/overrides.ts';
import { givenTo, unknownVariables } from './given.ts';
import { jobPartOf } from './job-part.ts';
import { parseWords } from './parser.ts';
import {
  type Reading,
  readDay,
  readDayList,
  readFlag,
  readLogFormat,
  readRunId,
  readUrl,
  readWhole,
} from './readings.ts';

interface Common {
  /** Sentences about what was ignored, such as an unknown SCOREMILL_ variable. */
  readonly warnings: readonly string[];
}

interface ScoringArguments extends Common {
  /** Complete it with `environment` and `workingFolder` for `loadJob`. */
  readonly job: Omit<JobRequest, 'environment' | 'workingFolder'>;
  /** The days of a backfill, one output each; then `job` has no date of its own. */
  readonly dates: readonly string[] | undefined;
  readonly stopOnFailure: boolean;
  readonly runId: string | undefined;
  readonly fresh: boolean;
  readonly stealLock: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly logFormat: 'text' | 'json';
  /** The exit code when the output is already complete. */
  readonly nothingToDoCode: number;
}

export interface RunArguments extends ScoringArguments {
  readonly command: 'run';
  /** One line of JSON as the last one on stdout. */
  readonly resultLine: boolean;
  readonly pingUrl: string | undefined;
}
export interface PlanArguments extends ScoringArguments {
  readonly command: 'plan';
}
export interface InitArguments extends Common {
  readonly command: 'init';
  /** They name a model and a dataset. */
  readonly overrides: readonly Override[];
  /** The job file as it was typed; `-` is stdout. */
  readonly output: string;
  readonly force: boolean;
}
export interface InspectArguments extends Common {
  readonly command: 'inspect';
  readonly path: string;
  /** What a job would say of the model's version and the dataset's format. */
  readonly overrides: readonly Override[];
  readonly json: boolean;
}
export interface VerifyArguments extends Common {
  readonly command: 'verify';
  readonly folder: string;
  /** How many rows to score again; 0: none. */
  readonly rescore: number;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly logFormat: 'text' | 'json';
}
export interface ReportArguments extends Common {
  readonly command: 'report';
  readonly folder: string;
  /** The file to write as it was typed; `-` is stdout, left out: the report beside the manifest. */
  readonly to: string | undefined;
  readonly json: boolean;
}
export interface SchemaArguments extends Common {
  readonly command: 'schema';
}
export interface ExplainArguments extends Common {
  readonly command: 'explain';
  readonly code: string | undefined;
}
export interface VersionArguments extends Common {
  readonly command: 'version';
}
/** Text to print on stdout as it is. */
export interface TextArguments extends Common {
  readonly command: 'help' | 'completion';
  readonly text: string;
}

export type ParsedCommand =
  | RunArguments
  | PlanArguments
  | InitArguments
  | InspectArguments
  | VerifyArguments
  | ReportArguments
  | SchemaArguments
  | ExplainArguments
  | VersionArguments
  | TextArguments;

/** Parses the words after `scoremill`. Precedence: option, then variable, then (in `loadJob`) job file and default. */
export async function parseArguments(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ParsedCommand> {
  const words = parseWords(argv);
  const warnings = unknownVariables(environment);
  if (words.kind === 'text') return { command: words.command, text: words.text, warnings };
  if (words.kind === 'version') return { command: 'version', warnings };

  const given = givenTo(words, environment);
  const failures: Failure[] = [...words.failures];
  const option = <T>(name: string, read: (text: string) => Reading<T>, fallback: T): T => {
    const last = given.findLast((one) => one.option.name === name);
    if (last === undefined) return fallback;
    const reading = read(last.texts.at(-1)!);
    if ('value' in reading) return reading.value;
    failures.push({ reason: 'usage', message: `${last.source}: ${reading.problem}` });
    return fallback;
  };
  const messages = () => ({
    json: option('json', readFlag, false),
    quiet: option('quiet', readFlag, false),
    logFormat: option('log-format', readLogFormat, 'text'),
  });
  const overridesGiven = (): Pick<JobRequest, 'overrides' | 'params'> => {
    const { overrides, params, failures: ofJob } = jobPartOf(given);
    failures.push(...ofJob, ...overrideFailures(overrides));
    return { overrides, params };
  };
  const scoring = (): Omit<ScoringArguments, 'warnings'> => {
    const { overrides, params } = overridesGiven();
    const date = option<string | undefined>('date', readDay, undefined);
    const dates = option<readonly string[] | undefined>('dates', readDayList, undefined);
    if (date !== undefined && dates !== undefined)
      failures.push({ reason: 'usage', message: 'give --date for one day or --dates for several, not both' });
    const runId = option<string | undefined>('run-id', readRunId, undefined);
    return {
      job: { jobPath: words.argument, overrides, params, date, runId },
      dates,
      stopOnFailure: option('stop-on-failure', readFlag, false),
      runId,
      fresh: option('fresh', readFlag, false),
      stealLock: option('steal-lock', readFlag, false),
      nothingToDoCode: option('nothing-to-do-code', readWhole(255), 0),
      ...messages(),
    };
  };
  const command = ((): ParsedCommand => {
    const argument = words.argument ?? '';
    switch (words.command) {
      case 'run': {
        const parsed = scoring();
        const resultLine = option('result-line', readFlag, false);
        if (resultLine && parsed.json)
          failures.push({
            reason: 'usage',
            message: 'give --json or --result-line, not both: either is all of stdout',
          });
        return {
          command: 'run',
          ...parsed,
          resultLine,
          pingUrl: option<string | undefined>('ping-url', readUrl, undefined),
          warnings,
        };
      }
      case 'plan':
        return { command: 'plan', ...scoring(), warnings };
      case 'init': {
        const { overrides } = overridesGiven();
        for (const name of ['model', 'dataset']) {
          const isGiven = overrides.some(({ path }) => path[0] === name && path[1] === 'path');
          if (!isGiven)
            failures.push({
              reason: 'usage',
              message: `init needs --${name}; scoremill init --help begins with examples`,
            });
        }
        return {
          command: 'init',
          overrides,
          output: option('output', (value) => ({ value }), 'job.yaml'),
          force: option('force', readFlag, false),
          warnings,
        };
      }
      case 'inspect':
        return {
          command: 'inspect',
          path: argument,
          overrides: overridesGiven().overrides,
          json: option('json', readFlag, false),
          warnings,
        };
      case 'verify': {
        const rescore = option('rescore', readWhole(Number.MAX_SAFE_INTEGER), 0);
        return { command: 'verify', folder: argument, rescore, ...messages(), warnings };
      }
      case 'report':
        return {
          command: 'report',
          folder: argument,
          to: option<string | undefined>('to', (value) => ({ value }), undefined),
          json: option('json', readFlag, false),
          warnings,
        };
      case 'explain':
        return { command: 'explain', code: words.argument, warnings };
      case 'schema':
        return { command: 'schema', warnings };
    }
  })();
  if (failures.length > 0) throw new FailureError(failures[0], ...failures.slice(1));
  return command;
}

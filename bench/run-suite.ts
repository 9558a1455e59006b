// Runs the workloads on one or two checkouts. The two take turns, and who begins changes with every round, so that whatever else
// happens on the machine meets both. Every output is checked. Stages are those that the runs wrote down about themselves.
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { usableCores } from '../src/core/resources.ts';
import { quoteText } from '../src/core/sql.ts';
import { ask } from './ask.ts';
import { checkOutput, compareScores } from './compare-outputs.ts';
import { type MadeDataset, makeDataset } from './make-data.ts';
import { makeModel } from './make-models.ts';
import { measureProcess } from './measure-process.ts';
import { type Checkout, mainOf } from './open-checkout.ts';
import type { Workload } from './workloads.ts';

export const stages = ['preflight', 'open', 'read', 'bind', 'infer', 'write', 'commit', 'publish'] as const;
export type Stage = (typeof stages)[number];

/** One number for each round, in the order of the rounds. */
export interface SideFigures {
  readonly wallMs: readonly number[];
  readonly cpuMs: readonly number[];
  readonly residentBytes: readonly number[];
  readonly anonymousBytes: readonly number[];
  /** Of all workers together; null where the run had nothing to do. */
  readonly stageMs: Readonly<Record<Stage, readonly number[]>> | null;
}

export interface WorkloadFigures {
  readonly name: string;
  readonly what: string;
  readonly rows: number;
  /** In the order of the sides; empty for a workload with problems. */
  readonly sides: readonly SideFigures[];
  /** Runs that failed, outputs that are wrong or differ: sentences. */
  readonly problems: readonly string[];
}

export interface SideFacts {
  readonly name: string;
  readonly revision: string | null;
  /** Of packages, as the runs say. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Plain data, as it is kept in a file. */
export interface SuiteFigures {
  /** ISO 8601, when the first run began. */
  readonly startedAt: string;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly system: string;
    /** Average over the minute before. */
    readonly load: number;
  };
  readonly rows: number;
  readonly runs: number;
  readonly sides: readonly SideFacts[];
  readonly workloads: readonly WorkloadFigures[];
}

export interface SuiteRequest {
  readonly checkouts: readonly Checkout[];
  readonly workloads: readonly Workload[];
  readonly rows: number;
  /** Rounds that are measured. */
  readonly runs: number;
  /** Rounds before, which bring files into the page cache and give the output that others are compared with. */
  readonly warmUps?: number;
  /** Where data, models and outputs are written; data are kept for the next time. */
  readonly folder: string;
  readonly onRun?: (workload: Workload, checkout: Checkout, wallMs: number) => void;
}

interface Run {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly residentBytes: number;
  readonly anonymousBytes: number;
  readonly stageMs: Readonly<Record<Stage, number>>;
}

export async function runSuite(request: SuiteRequest): Promise<SuiteFigures> {
  const startedAt = new Date().toISOString();
  const [load] = loadavg();
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const outputs = join(request.folder, 'outputs', String(process.pid));
  const versions = new Map<Checkout, Record<string, string>>();
  try {
    const figures: WorkloadFigures[] = [];
    for (const workload of request.workloads) {
      figures.push(await runWorkload({ ...request, workload, connection, outputs, versions }));
    }
    return {
      startedAt,
      machine: {
        processor: cpus()[0]?.model.trim() ?? 'unknown',
        cores: usableCores(),
        memoryBytes: totalmem(),
        system: `Linux ${release()}`,
        load,
      },
      rows: request.rows,
      runs: request.runs,
      sides: request.checkouts.map((checkout) => ({
        name: checkout.name,
        revision: checkout.revision,
        versions: versions.get(checkout) ?? {},
      })),
      workloads: figures,
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(outputs, { recursive: true, force: true });
  }
}

interface WorkloadRequest extends SuiteRequest {
  readonly workload: Workload;
  readonly connection: DuckDBConnection;
  readonly outputs: string;
  readonly versions: Map<Checkout, Record<string, string>>;
}

/** Ends with the first problem: a workload whose outputs are wrong has no figures. */
async function runWorkload(request: WorkloadRequest): Promise<WorkloadFigures> {
  const { workload, checkouts, runs, warmUps = 1, folder, outputs, onRun } = request;
  const dataset = await makeDataset(join(folder, 'data'), workload.dataset, request.rows);
  const model = makeModel(join(folder, 'models'), workload.model);
  const about = { name: workload.name, what: workload.what, rows: dataset.rows };
  rmSync(outputs, { recursive: true, force: true });
  mkdirSync(outputs, { recursive: true });
  const measured = checkouts.map((): Run[] => []);
  const firstRound = workload.isAgain ? Math.min(-1, -warmUps) : -warmUps;
  for (let round = firstRound; round < runs; round++) {
    const sides = checkouts.map((_, side) => side);
    for (const side of round > 0 && round % 2 === 1 ? sides.reverse() : sides) {
      const isFresh = round === firstRound || !workload.isAgain;
      const run = await runOnce(request, {
        checkout: checkouts[side],
        output: join(outputs, String(side)),
        model,
        dataset,
        isFresh,
      });
      if (typeof run === 'string') return { ...about, sides: [], problems: [`${checkouts[side].name}: ${run}`] };
      onRun?.(workload, checkouts[side], run.wallMs);
      if (round >= 0) measured[side].push(run);
    }
  }
  return { ...about, sides: measured.map((side) => figuresOf(side, workload)), problems: [] };
}

interface RunRequest {
  readonly checkout: Checkout;
  readonly output: string;
  readonly model: string;
  readonly dataset: MadeDataset;
  /** Without an output of an earlier run. */
  readonly isFresh: boolean;
}

/** A run whose output was found right, or the sentence that says what is wrong. */
async function runOnce(
  { connection, outputs, checkouts, versions }: WorkloadRequest,
  { checkout, output, model, dataset, isFresh }: RunRequest,
): Promise<Run | string> {
  if (isFresh) rmSync(output, { recursive: true, force: true });
  const words = ['run', '--model', model, '--dataset', dataset.path, '--output', output];
  const { exitCode, stderr, ...cost } = await measureProcess({
    program: process.execPath,
    words: [mainOf(checkout), ...words, '--inputs', 'features=f*', '--keep', 'id,cat'],
    environment: environmentOfRuns(),
  });
  if (exitCode !== 0) return `exit code ${exitCode}: ${stderr.trim().slice(-1000)}`;
  const [problem] = await checkOutput(connection, output, dataset.rows);
  if (problem !== undefined) return problem;
  const reference = join(outputs, 'reference');
  if (!existsSync(reference)) cpSync(output, reference, { recursive: true });
  const [difference] = await compareScores(connection, output, reference);
  if (difference !== undefined) return `not the scores of ${checkouts[0].name}: ${difference}`;
  const [row] = await ask<Record<string, string | number>>(
    connection,
    `FROM read_parquet(${quoteText(join(output, '_scoremill/run.parquet'))})`,
  );
  versions.set(checkout, {
    scoremill: String(row.scoremill_version),
    Node: String(row.node_version),
    DuckDB: String(row.duckdb_version),
    'ONNX Runtime': String(row.onnxruntime_version),
  });
  return {
    ...cost,
    stageMs: Object.fromEntries(stages.map((stage) => [stage, Number(row[`${stage}_ms`])])) as Run['stageMs'],
  };
}

function figuresOf(runs: readonly Run[], { isAgain }: Workload): SideFigures {
  const stageMs = stages.map((stage) => [stage, runs.map((run) => run.stageMs[stage])]);
  return {
    wallMs: runs.map(({ wallMs }) => wallMs),
    cpuMs: runs.map(({ cpuMs }) => cpuMs),
    residentBytes: runs.map(({ residentBytes }) => residentBytes),
    anonymousBytes: runs.map(({ anonymousBytes }) => anonymousBytes),
    // A run that had nothing to do leaves the figures of the one before.
    stageMs: isAgain ? null : (Object.fromEntries(stageMs) as SideFigures['stageMs']),
  };
}

/** Without what would change a run: variables of scoremill and of Node. */
function environmentOfRuns(): NodeJS.ProcessEnv {
  const isOfRuns = (name: string): boolean => /^(SCOREMILL_|NODE_|VITEST|FORCE_COLOR)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOfRuns(name)));
}

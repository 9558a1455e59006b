// Outcomes and run facts for tests of statistics and reports: plain values that a test changes where it matters.
import type { SplitOutcome } from '../../src/core/outcome.ts';
import type { RunFacts } from '../../src/stats/run-stats.ts';

/** 2023-11-14T22:13:20Z: the run starts; preflight takes one second. */
export const startedMs = 1_700_000_000_000;
export const scoringStartedMs = startedMs + 1000;

export function outcome(changes: Partial<SplitOutcome> = {}): SplitOutcome {
  return {
    split: 0,
    attempt: 1,
    worker: 0,
    rows: 100,
    scored: 97,
    rejected: 2,
    filtered: 1,
    written: 97,
    part: { name: 'part-00000.parquet', rows: 97, bytes: 4000, sha256: 'ab'.repeat(32) },
    rejects: { name: 'rejects-00000.jsonl', rows: 2, bytes: 300, sha256: 'cd'.repeat(32) },
    firstRejects: [],
    startedMs: scoringStartedMs,
    wallMs: 1000,
    stageMs: { open: 50, read: 100, bind: 50, infer: 700, write: 80, commit: 20 },
    batches: 1,
    batchLatency: [0, 0, 1],
    readBytes: 9000,
    peakMemoryBytes: 50_000_000,
    trace: [
      [0, 0, 4000],
      [6, 10, 5678],
    ],
    sketches: null,
    ...changes,
  };
}

export function runFacts(changes: Partial<RunFacts> = {}): RunFacts {
  return {
    runId: 'run-1',
    job: 'credit-risk',
    verdict: 'complete',
    jobFingerprint: 'aa',
    modelSha256: 'bb',
    inputFingerprint: 'cc',
    startedMs,
    preflightMs: 1000,
    scoringMs: 8000,
    publishMs: 1000,
    shards: 2,
    plannedSplits: 2,
    plannedRows: 200,
    outcomes: [outcome()],
    resumed: [],
    workers: 1,
    features: 3,
    resultColumns: 2,
    threadsPerWorker: 1,
    batchRows: 4096,
    engineRestarts: 0,
    cpuMs: null,
    versions: { scoremill: '0.1.0', node: '20.19.0', onnxruntime: '1.30.0', duckdb: '1.5.6' },
    machine: { cpuModel: 'Test CPU', cores: 4, memoryBytes: 8_000_000_000 },
    ...changes,
  };
}

/** An outcome whose whole time goes to the given stages. */
export function timed(stageMs: Partial<SplitOutcome['stageMs']>, changes: Partial<SplitOutcome> = {}): SplitOutcome {
  const all = { open: 0, read: 0, bind: 0, infer: 0, write: 0, commit: 0, ...stageMs };
  return outcome({ stageMs: all, wallMs: Object.values(all).reduce((sum, ms) => sum + ms), ...changes });
}

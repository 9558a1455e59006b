import { expect, test } from 'vitest';
import { type Execution, metricsText } from '../../src/observe/metrics.ts';
import { parentRun } from '../../src/observe/parent-run.ts';
import { runStats } from '../../src/stats/run-stats.ts';
import { outcome, runFacts } from '../stats/facts.ts';

const success: Execution = {
  job: 'churn',
  ending: 'complete',
  endedMs: 1_700_000_000_500,
  wallMs: 2500,
  stats: runStats(runFacts({ outcomes: [outcome()] })),
};
const failure: Execution = {
  job: 'churn',
  ending: 'over-budget',
  endedMs: 1_700_000_100_000,
  wallMs: 1000,
  stats: null,
};

const linesOf = (text: string, name: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`));

test('a success is told with its figures, in seconds and bytes, each with help and type', () => {
  const text = metricsText(success);
  expect(linesOf(text, 'scoremill_last_success_timestamp_seconds')).toEqual([
    'scoremill_last_success_timestamp_seconds{job_name="churn"} 1700000000.5',
  ]);
  expect(linesOf(text, 'scoremill_last_success_rows')).toEqual([
    'scoremill_last_success_rows{job_name="churn",outcome="scored"} 97',
    'scoremill_last_success_rows{job_name="churn",outcome="rejected"} 2',
    'scoremill_last_success_rows{job_name="churn",outcome="filtered"} 1',
  ]);
  expect(linesOf(text, 'scoremill_last_run_duration_seconds')).toEqual([
    'scoremill_last_run_duration_seconds{job_name="churn"} 2.5',
  ]);
  const families = text.match(/^# TYPE .*$/gm)!;
  expect(text.match(/^# HELP (\S+) [A-Z].*\.$/gm)).toHaveLength(families.length);
  expect(families.every((line) => line.endsWith(' gauge'))).toBe(true);
});

test('a failure says so, and leaves what was said of the last success', () => {
  const before = metricsText(success);
  const text = metricsText(failure, before);
  const ofSuccess = (some: string): readonly string[] =>
    some.split('\n').filter((line) => line.includes('scoremill_last_success_'));
  expect(ofSuccess(text)).toEqual(ofSuccess(before));
  expect(linesOf(text, 'scoremill_last_run_success')).toEqual(['scoremill_last_run_success{job_name="churn"} 0']);
  expect(linesOf(text, 'scoremill_last_run_verdict').filter((line) => line.endsWith(' 1'))).toEqual([
    'scoremill_last_run_verdict{job_name="churn",verdict="over-budget"} 1',
  ]);
});

test('a failure before any success says nothing of one', () => {
  expect(metricsText(failure)).not.toContain('last_success');
});

test('nothing to do is a success, with the figures of the run before', () => {
  const text = metricsText({ ...failure, ending: 'already-complete' }, metricsText(success));
  expect(linesOf(text, 'scoremill_last_success_timestamp_seconds')).toEqual([
    'scoremill_last_success_timestamp_seconds{job_name="churn"} 1700000100',
  ]);
  expect(linesOf(text, 'scoremill_last_success_rows')).toHaveLength(3);
});

test('of a file that was damaged only whole samples are taken over', () => {
  const damaged = metricsText(success)
    .replace(/(scored"\}) 97/, '$1 9x')
    .replace('written_rows{', 'written_rows[');
  const text = metricsText(failure, damaged);
  expect(linesOf(text, 'scoremill_last_success_rows')).toHaveLength(2);
  expect(text).not.toContain('written_rows');
});

test('the run of a scheduler is taken from the environment, and no other text is', () => {
  const id = '0192c3a4-5b6c-7d8e-9f00-112233445566';
  expect(parentRun(`airflow/nightly.score/${id}`)).toEqual({ namespace: 'airflow', name: 'nightly.score', runId: id });
  expect([parentRun(undefined), parentRun(''), parentRun('airflow/nightly'), parentRun(`/${id}`)]).toEqual(
    Array(4).fill(null),
  );
});

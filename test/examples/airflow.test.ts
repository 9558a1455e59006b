// The DAG of examples/airflow in Airflow itself: a run that is killed and finished by the next attempt, its XCom, and a day that
// is there already. The container operators are described by the providers' own classes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { resultOf } from '../end-to-end/result.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { examplesPython } from './examples-python.ts';

const root = resolve(import.meta.dirname, '../..');
const day = '2024-03-01';

/** Minutes where other work fills the machine: 30 s of processor time, most of it Airflow's own start. */
const timeout = 600_000;

function runAirflow(folder: string) {
  const { PATH, HOME } = process.env;
  mkdirSync(folder, { recursive: true });
  const report = join(folder, 'report.json');
  execFileSync(examplesPython!, ['test/examples/run_airflow.py', root, join(folder, 'scores'), report], {
    cwd: root,
    env: { PATH: `${resolve(process.execPath, '..')}:${PATH}`, HOME, AIRFLOW_HOME: join(folder, 'airflow') },
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(readFileSync(report, 'utf8'));
}

describe.skipIf(examplesPython === undefined)('Airflow', () => {
  it('runs the example: killed, resumed, read by XCom, skipped', { timeout }, async () => {
    const folder = temporaryFolder();
    const { runs, docker, pod } = runAirflow(folder);
    const [first, again] = runs;
    const output = join(folder, 'scores', day);

    expect(first.state).toBe('success');
    const { score, tell } = first.tasks;
    expect({ state: score.state, tries: score.tries }).toEqual({ state: 'success', tries: 2 });
    const rows = await resultOf(output).rows();
    expect(score.xcom).toMatchObject({ verdict: 'complete', exitCode: 0, date: day, output, failure: null });
    expect(score.xcom.rows).toBe(60_000);
    expect(score.xcom.scored).toBe(rows.length);
    expect(rows.length).toBeGreaterThan(500);
    // The first attempt was killed when five splits were done.
    expect(score.xcom.resumedSplits).toBeGreaterThanOrEqual(5);
    expect(tell.xcom).toBe(`${rows.length} of 60000 rows are scored, in ${output}`);

    expect(again.tasks.score).toMatchObject({ state: 'skipped', tries: 1, xcom: null });
    expect(again.tasks.tell).toMatchObject({ state: 'skipped' });

    const words = ['run', 'examples/nightly.yaml', '--date', '{{ ds }}', '--run-id', '{{ run_id }}', '--quiet'];
    const more = ['--nothing-to-do-code', '99'];
    expect(docker).toMatchObject({
      command: [...words, ...more, '--result-line'],
      mounts: [{ Target: '/work', Source: '/srv/scoring', Type: 'bind', ReadOnly: false }],
      skip_on_exit_code: [99],
      xcom_all: false,
      user: '1000:1000',
    });
    const [base, sidecar] = pod.spec.containers;
    expect(base.args).toEqual([...words, ...more]);
    expect(base.volumeMounts).toContainEqual({ mountPath: '/airflow/xcom', name: 'xcom' });
    expect(sidecar.name).toBe('airflow-xcom-sidecar');
    // What Airflow makes of the words is a command line of scoremill.
    const filled = docker.command.map((word: string) =>
      word.replace('{{ ds }}', day).replace('{{ run_id }}', `scheduled__${day}T00:00:00+00:00`),
    );
    const command = await parseArguments(filled, {});
    expect(command).toMatchObject({ command: 'run', nothingToDoCode: 99, warnings: [] });
    const manifest = join(folder, 'pod.json');
    writeFileSync(manifest, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...pod }));
    const checked = execFileSync(examplesPython!, ['test/examples/check_manifests.py', '1.37', manifest], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(checked).toBe(`${manifest}: Pod is right\n`);
  });
});

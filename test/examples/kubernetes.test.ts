// The manifests of examples/kubernetes: against the schemas of Kubernetes, and against the code: exit codes, words, variables.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseArguments } from '../../src/cli/arguments.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { examplesPython } from './examples-python.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'examples/kubernetes');
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

const check = (...paths: string[]): readonly string[] =>
  execFileSync(examplesPython!, ['test/examples/check_manifests.py', '1.37', ...paths], { cwd: root, encoding: 'utf8' })
    .trimEnd()
    .split('\n');

/** The specification of the job, within a CronJob or by itself. */
function jobOf(name: string) {
  const { spec } = parse(readFileSync(join(folder, name), 'utf8'));
  return spec.jobTemplate?.spec ?? spec;
}

describe.skipIf(examplesPython === undefined)('the schemas of Kubernetes', () => {
  it('accept every manifest, and refuse one with a mistake', () => {
    const paths = names.map((name) => join(folder, name));
    const wrong = join(temporaryFolder(), 'wrong.yaml');
    writeFileSync(wrong, readFileSync(paths[0], 'utf8').replace('podReplacementPolicy', 'podReplacementPolicies'));
    const lines = check(...paths, wrong);
    expect(lines.slice(0, -1).map((line) => line.replace(/^.*\//, ''))).toEqual([
      'cronjob.yaml: CronJob is right',
      'indexed-job.yaml: Job is right',
      'job.yaml: Job is right',
    ]);
    expect(lines.at(-1)).toMatch(/podReplacementPolicies/);
  });
});

describe.each(names)('%s', (name) => {
  const { podFailurePolicy, podReplacementPolicy, template, ...job } = jobOf(name);
  const [container] = template.spec.containers;

  it('acts on exit codes that there are, each once, and lets the rest be tried again', () => {
    const acted = new Map<number, string>(
      podFailurePolicy.rules.flatMap(
        (rule: { action: string; onExitCodes?: { values: number[]; containerName: string } }) => {
          if (rule.onExitCodes === undefined) return [];
          expect(rule.onExitCodes.containerName).toBe(container.name);
          return rule.onExitCodes.values.map((code) => [code, rule.action]);
        },
      ),
    );
    const codes = Object.keys(exitCodes).map(Number);
    expect([...acted.keys()].filter((code) => !codes.includes(code))).toEqual([]);
    const rest = codes.filter((code) => !acted.has(code) && code !== 0);
    // A remote service (69), a crash, I/O, a lock: they may pass.
    expect(rest).toEqual([69, 70, 74, 75]);
    expect([acted.get(130), acted.get(143)]).toEqual(['Ignore', 'Ignore']);
    for (const code of [64, 78]) expect(acted.get(code)).toBe('FailJob');
  });

  it('starts a pod when the one before is gone, and gives it time to stop', () => {
    expect(podReplacementPolicy).toBe('Failed');
    expect(template.spec.restartPolicy).toBe('Never');
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(20);
  });

  it('gives words and variables that are understood', async () => {
    const line: string = container.args.at(-1);
    const words: string[] =
      container.command === undefined
        ? container.args
        : line
            .replace('"$(date -u -d yesterday +%F)"', '2024-03-01')
            .replace('exec node /app/dist/cli/main.js ', '')
            .split(' ');
    const filled: Record<string, string> = { SCOREMILL_SLICE_INDEX: '3', SCOREMILL_PING_URL: 'https://example.org/x' };
    const environment = Object.fromEntries(
      (container.env ?? []).map(({ name: variable, value }: { name: string; value?: string }) => [
        variable,
        value ?? filled[variable],
      ]),
    );
    const command = await parseArguments(words, environment);
    expect(command).toMatchObject({ command: 'run', stealLock: false, warnings: [] });
    if (job.completionMode !== 'Indexed' || !('job' in command)) return;
    expect(command.job.overrides.map(({ path, value }) => [path.join('.'), value])).toEqual([
      ['dataset.slice.index', 3],
      ['dataset.slice.count', job.completions],
    ]);
  });
});

// Health checks against a real HTTP server: which addresses are asked for, when again, and that nothing else changes.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startHealthCheck } from '../../src/report/health-check.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { writeNightlyJob } from './nightly-job.ts';

interface Asked {
  readonly path: string;
  readonly query: string;
  readonly method: string | undefined;
  readonly body: string | undefined;
  readonly agent: string | undefined;
}

/** A server that remembers what it was asked; `answer` by default says 200. */
async function listen(answer = (response: ServerResponse, _asked: Asked): void => void response.end('OK')) {
  const asked: Asked[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const [path, query = ''] = request.url!.split('?');
    const { method, headers } = request;
    const one = { path, query, method, body: headers['content-length'], agent: headers['user-agent'] };
    asked.push(one);
    answer(response, one);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/check`, asked };
}

it('tells that a run begins and how it ended, and sends nothing else', async () => {
  const { url, asked } = await listen();
  const job = writeNightlyJob(temporaryFolder(), ['2026-11-01']);
  const words = ['run', job, '--date', '2026-11-01', '--quiet', '--ping-url', `${url}/?a=1`];
  expect(await runCli(words)).toMatchObject({ exitCode: 0, stderr: '' });
  // Already complete is right, whatever its exit code.
  expect(await runCli([...words, '--nothing-to-do-code', '99'])).toMatchObject({ exitCode: 99, stderr: '' });
  const failing = await runCli(['run', job, '--date', '2026-11-02', '--quiet'], {
    environment: { SCOREMILL_PING_URL: url },
  });
  expect(failing.exitCode).toBe(66);
  expect(asked.map(({ path }) => path)).toEqual(
    ['start', '0', 'start', '0', 'start', '66'].map((word) => `/check/${word}`),
  );
  for (const { method, body, agent } of asked)
    expect({ method, body, agent }).toEqual({ method: 'GET', body: undefined, agent: 'scoremill/0.1.0' });
  // One number for each run joins its two pings, so that runs at the same time are told apart.
  const runs = asked.map(({ query }) => /^(?:a=1&)?rid=([0-9a-f-]{36})$/.exec(query)?.[1]);
  expect(runs).toEqual([runs[0], runs[0], runs[2], runs[2], runs[4], runs[4]]);
  expect(new Set(runs).size).toBe(3);
});

it('does not change how a run ends when nobody answers', async () => {
  const { url } = await listen((response) => response.writeHead(404).end());
  const job = writeNightlyJob(temporaryFolder(), ['2026-11-01']);
  const words = ['run', job, '--date', '2026-11-01', '--ping-url', url];
  const { exitCode, stderr } = await runCli(words);
  const { host } = new URL(url);
  expect(exitCode).toBe(0);
  expect(stderr).toContain(`warning: the health check at ${host} did not take the ping "start": it answered 404\n`);
  expect(stderr).toContain(`warning: the health check at ${host} did not take the ping "0": it answered 404\n`);
  expect(stderr).not.toContain('/check');
});

it('asks again after an answer that may pass, and gives up after three', async () => {
  const codes = [503, 429, 200, 500, 500, 500];
  const { url, asked } = await listen((response) => response.writeHead(codes.shift()!).end());
  const warnings: string[] = [];
  await startHealthCheck(url, (text) => warnings.push(text)).finish(0);
  expect(asked.map(({ path }) => path)).toEqual(
    ['start', 'start', 'start', '0', '0', '0'].map((word) => `/check/${word}`),
  );
  expect(warnings).toEqual([
    `the health check at ${new URL(url).host} did not take the ping "0": it answered 500 (tried 3 times)`,
  ]);
});

it('says why nobody could be asked', async () => {
  const warnings: string[] = [];
  await startHealthCheck('http://127.0.0.1:1', (text) => warnings.push(text)).finish(0);
  expect(warnings[0]).toMatch(
    /^the health check at 127\.0\.0\.1:1 did not take the ping "start": .+ \(tried 3 times\)$/,
  );
});

it.skipIf(process.env.SCOREMILL_SAFETY !== 'full')('waits at most 10 s for one ping', { timeout: 30_000 }, async () => {
  const { url } = await listen(() => {});
  const startedMs = performance.now();
  const warnings: string[] = [];
  await startHealthCheck(url, (text) => warnings.push(text)).finish(0);
  expect(warnings.length).toBe(2);
  expect(performance.now() - startedMs).toBeLessThan(21_000);
});

it('takes only a URL', async () => {
  expect(await runCli(['run', '--ping-url', 'hc-ping.com/x'])).toMatchObject({
    exitCode: 64,
    stderr: 'error: --ping-url: must be a URL that begins with http:// or https://\n',
  });
});

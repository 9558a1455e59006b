// Tells a monitoring service that a run begins and how it ended, by the URLs that healthchecks.io made common:
// URL/start, then URL/<exit status>. A ping carries nothing but this address and a number that joins the two. Whatever becomes
// of a ping, the run goes on: what is wrong with it is told to `warn`.
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { version } from '../core/version.ts';

/** For one ping, its repetitions included: what a run may last longer for it. */
const mostMs = 10_000;
const attempts = 3;
const attemptMs = 4000;
const pauseMs = 500;

export interface HealthCheck {
  /** Tells how the run ended. Resolves when it has been told, or when the time is over. */
  finish(exitCode: number): Promise<void>;
}

/** Tells that the run begins, while it goes on. */
export function startHealthCheck(url: string, warn: (text: string) => void): HealthCheck {
  const run = randomUUID();
  const ping = async (word: string): Promise<void> => {
    const problem = await pingAt(addressOf(url, word, run));
    // The path is the key to the check: whoever reads it in a log could ping, too.
    if (problem !== null) warn(`the health check at ${new URL(url).host} did not take the ping "${word}": ${problem}`);
  };
  const started = ping('start');
  return {
    async finish(exitCode) {
      await started;
      await ping(String(exitCode));
    },
  };
}

/** The address of one ping: the word becomes the last step of the path, and the query stays. */
function addressOf(url: string, word: string, run: string): URL {
  const address = new URL(url);
  address.pathname = `${address.pathname.replace(/\/+$/, '')}/${word}`;
  address.searchParams.set('rid', run);
  return address;
}

/** Null when the service took it, else what is wrong. What may pass by itself is tried again. */
async function pingAt(address: URL): Promise<string | null> {
  const deadline = AbortSignal.timeout(mostMs);
  let problem = '';
  for (let attempt = 1; attempt <= attempts && !deadline.aborted; attempt++) {
    if (attempt > 1) await wait(pauseMs);
    try {
      const { status, body } = await fetch(address, {
        headers: { 'user-agent': `scoremill/${version}` },
        signal: AbortSignal.any([deadline, AbortSignal.timeout(attemptMs)]),
      });
      await body?.cancel();
      if (status < 400) return null;
      problem = `it answered ${status}`;
      if (status < 500 && status !== 408 && status !== 429) return problem;
    } catch (error) {
      problem = problemOf(error);
    }
  }
  return `${problem} (tried ${attempts} times)`;
}

function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}

// The start of a run: the job is loaded, and an engine is at hand before all else, since it takes the longest to load: the command
// line has started its process (engine-fork), and without one it starts here. What the supervisor is made of is loaded meanwhile.
import { existsSync } from 'node:fs';
import { layoutOf } from '../commit/layout.ts';
import { Engine } from '../engine/engine.ts';
import { forUserModules } from '../engine/engine-fork.ts';
import { loadRun } from './load-run.ts';
import { Progress } from './progress.ts';
import type { RunResult } from './run-result.ts';
import type { RunRequest } from './run-work.ts';

/** Runs a job. Throws a FailureError for everything that is wrong before the first inference; it leaves no trace then. */
export async function runJob(request: RunRequest): Promise<RunResult> {
  const started = { wallMs: Date.now(), clockMs: performance.now() };
  const loaded = await loadRun(request.job);
  const progress = new Progress(request.observe ?? (() => {}));
  const newEngine = (): Engine => new Engine((inFlight) => progress.update(inFlight));
  if (loaded.job.transform !== undefined) forUserModules();
  // A result that is complete needs none, as a rule.
  const early = existsSync(layoutOf(loaded.job.output.path).success) ? undefined : newEngine();
  try {
    const { runLoaded } = await import('./run-loaded.ts');
    return await runLoaded(request, loaded, { ...started, progress, newEngine, early });
  } finally {
    await early?.kill();
  }
}

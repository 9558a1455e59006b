// Scores a dataset, tells how it goes, and ends with the exit code that the command line would have.
// node build/score.js MODEL DATASET OUTPUT
import { describeFailure, exitCodeOf, FailureError, run } from 'scoremill';

const [model, dataset, output] = process.argv.slice(2);
const started = run({ model, dataset, output, settings: { rejects: { budget: '1%' } } });

try {
  for await (const event of started) {
    switch (event.event) {
      case 'run-started':
        console.log(`${event.rows} rows in ${event.splits} splits, ${event.workers} workers`);
        break;
      case 'split-finished':
        console.log(`split ${event.split}: ${event.scored} rows in ${Math.round(event.wallMs)} ms`);
        break;
      case 'warning':
        console.warn(event.text);
        break;
    }
  }
  const result = await started;
  if (result.verdict === 'complete') {
    const { rows, scored, rejected, filtered } = result.stats;
    console.log(`complete: ${rows} = ${scored} scored + ${rejected} rejected + ${filtered} filtered`);
    for (const part of result.manifest?.parts ?? [])
      console.log(`${result.outputPath}/${part.name}: ${part.rows} rows`);
  } else if (result.verdict === 'already-complete') {
    console.log(`already complete: run ${result.manifest.runId}`);
  } else {
    for (const failure of result.failures) console.error(describeFailure(failure));
    process.exitCode = result.failures[0] === undefined ? 1 : exitCodeOf(result.failures[0]);
  }
} catch (error) {
  // Wrong before the first inference: a missing column, a model that does not load. Every problem is in it.
  if (!(error instanceof FailureError)) throw error;
  for (const failure of error.failures) console.error(`${failure.reason}: ${describeFailure(failure)}`);
  process.exitCode = exitCodeOf(error.failures[0]);
}

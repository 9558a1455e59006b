// Scores for as long as there is time, and goes on from there when it is started again.
// node build/stop-and-resume.js JOB OUTPUT SECONDS
import { FailureError, run } from 'scoremill';

const [job, output, seconds] = process.argv.slice(2);
const started = run({
  job,
  output,
  signal: AbortSignal.timeout(Number(seconds) * 1000),
  onEvent: (event) => {
    if (event.event === 'run-started' && event.resumedRows > 0)
      console.log(`${event.resumedRows} rows were done before`);
  },
});
try {
  const { verdict } = await started;
  console.log(verdict === 'interrupted' ? 'time is up: what was finished is kept' : verdict);
} catch (error) {
  // Before the first inference there is nothing to keep, and no result to speak of.
  if (!(error instanceof FailureError) || error.failures[0].reason !== 'interrupted') throw error;
  console.log('time is up before anything was scored');
}

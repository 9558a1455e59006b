// `scoremill run`: progress while it goes, a summary at the end, the exit code, and word to whoever waits for it.
import { exitCodeOf, failuresOf } from '../core/failure.ts';
import { checkDays } from '../job/check-days.ts';
import { today } from '../job/run-day.ts';
import { startHealthCheck } from '../report/health-check.ts';
import { progressView } from '../report/progress.ts';
import type { RunArguments } from './arguments.ts';
import { complainAbout } from './complain-about.ts';
import { leaveMessage, leaveXcom } from './leave-result.ts';
import { writeData } from './output.ts';
import { runDays } from './run-days.ts';
import { type Ended, endedOf, tell } from './run-ended.ts';
import { type OnceRequest, runOnce } from './run-once.ts';
import { stopSignal } from './stop-signal.ts';

export async function runCommand(command: RunArguments): Promise<number> {
  const { json, quiet, logFormat, pingUrl } = command;
  const progress = progressView({
    write: (text) => process.stderr.write(text),
    terminal: process.stderr.isTTY === true && logFormat === 'text',
    width: () => process.stderr.columns ?? 80,
    format: logFormat,
    quiet,
  });
  const check =
    pingUrl === undefined
      ? undefined
      : startHealthCheck(pingUrl, (text) => progress.observe({ event: 'warning', text }));
  const ticker = setInterval(() => progress.tick(), 1000);
  const stop = stopSignal({
    quiet,
    ...(logFormat === 'json' && { tell: (text: string) => progress.observe({ event: 'notice', text }) }),
  });
  let ended: Ended;
  try {
    ended = await runAll({ command, progress, stop, datesEvents: false });
  } finally {
    clearInterval(ticker);
    stop.dispose();
    progress.clear();
  }
  if (json) writeData(`${JSON.stringify(ended.json, null, 2)}\n`);
  if (command.resultLine) writeData(`${JSON.stringify(ended.line)}\n`);
  await Promise.all([leaveXcom(ended.line), leaveMessage(ended.message)]);
  await check?.finish(ended.isRight ? 0 : ended.exitCode);
  return ended.exitCode;
}

async function runAll(context: Omit<OnceRequest, 'date'>): Promise<Ended> {
  const { command, progress } = context;
  const { job, dates } = command;
  if (dates === undefined) {
    const report = await runOnce({ ...context, date: job.date ?? today() });
    tell(report, command);
    return endedOf(report);
  }
  try {
    const request = { ...job, environment: process.env, workingFolder: process.cwd() };
    for (const text of await checkDays(request, dates)) progress.observe({ event: 'warning', text });
  } catch (error) {
    const failures = failuresOf(error);
    complainAbout(failures, command);
    return endedOf({ date: dates[0], exitCode: exitCodeOf(failures[0]), result: null, failures });
  }
  return runDays(dates, context);
}

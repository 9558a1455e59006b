// The command line's entry: argv in, exit code out. Only this folder prints; stdout is data, stderr is messages.
import { describeFailure, exitCodeOf, failuresOf } from '../core/failure.ts';
import { endEarly, forkEarly } from '../engine/engine-fork.ts';
import type { ParsedCommand } from './arguments.ts';
import { endOnSignals } from './early-signals.ts';
import { leaveMessage } from './leave-result.ts';
import { complain, say, writeData } from './output.ts';

async function main(): Promise<number> {
  // What takes long to load is loaded after the signals are listened for.
  endOnSignals();
  if (process.argv[2] === 'run') forkEarly();
  const { parseArguments } = await import('./arguments.ts');
  const command = await parseArguments(process.argv.slice(2), process.env);
  const isQuiet = 'quiet' in command && command.quiet;
  const isJson = 'logFormat' in command && command.logFormat === 'json';
  for (const text of isQuiet ? [] : command.warnings)
    say(isJson ? JSON.stringify({ time: new Date().toISOString(), event: 'warning', text }) : `warning: ${text}`);
  return carryOut(command);
}

/** Each command is loaded when it is asked for. */
async function carryOut(command: ParsedCommand): Promise<number> {
  switch (command.command) {
    case 'run':
      return (await import('./run-command.ts')).runCommand(command);
    case 'plan':
      return (await import('./plan-command.ts')).planCommand(command);
    case 'init':
      return (await import('./init-command.ts')).initCommand(command);
    case 'inspect':
      return (await import('./inspect-command.ts')).inspectCommand(command);
    case 'verify':
      return (await import('./verify-command.ts')).verifyCommand(command);
    case 'report':
      return (await import('./report-command.ts')).reportCommand(command);
    case 'schema':
      return (await import('./schema-command.ts')).schemaCommand();
    case 'explain':
      return (await import('./explain-command.ts')).explainCommand(command);
    case 'version':
      writeData(`${(await import('../core/version.ts')).version}\n`);
      return 0;
    case 'help':
    case 'completion':
      writeData(command.text.endsWith('\n') ? command.text : `${command.text}\n`);
      return 0;
  }
}

/** A closed pipe (`scoremill explain | head`) is no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

/** No await at the top: the bundle is no module. */
async function runMain(): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    const failures = failuresOf(error);
    for (const failure of failures) complain(describeFailure(failure));
    await leaveMessage(failures.map(describeFailure));
    process.exitCode = exitCodeOf(failures[0]);
  } finally {
    endEarly();
  }
}

runMain();

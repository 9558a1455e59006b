// A process that carries out one `scoremill run` after the other, with the modules of the built command line loaded once: words
// in, exit code and standard error out. Most of what a short run costs is loading them.
import { format } from 'node:util';
import { parseArguments } from '../../dist/cli/arguments.js';
import { runCommand } from '../../dist/cli/run-command.js';
import { describeFailure, exitCodeOf, failuresOf } from '../../dist/core/failure.js';

let stderr = '';
process.stderr.write = (text) => {
  stderr += text;
  return true;
};

/** What cli/main.ts does with its words. */
async function carryOut(words) {
  try {
    return await runCommand(await parseArguments(words, process.env));
  } catch (error) {
    const failures = failuresOf(error);
    for (const failure of failures) stderr += format('error: %s\n', describeFailure(failure));
    return exitCodeOf(failures[0]);
  }
}

process.on('message', async (words) => {
  stderr = '';
  const exitCode = await carryOut(words);
  process.send({ exitCode, stderr });
});

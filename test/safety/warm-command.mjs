// A process that runs the built command line again and again, with its modules loaded once: words in, exit code and standard error
// out. Most of what a short run costs is loading them.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const main = resolve(import.meta.dirname, '../../dist/cli/main.js');
let stderr = '';
process.stderr.write = (text) => {
  stderr += text;
  return true;
};
process.stdout.setMaxListeners(0);
let times = 0;

process.on('message', async (words) => {
  stderr = '';
  process.exitCode = undefined;
  process.argv = [process.execPath, main, ...words];
  // Under another address the entry is carried out anew; what it imports stays loaded.
  await import(`${pathToFileURL(main)}?${++times}`);
  process.send({ exitCode: process.exitCode, stderr });
});

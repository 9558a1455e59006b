// A process that runs the built command line again and again, with its modules loaded once: words in, what came of them out.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const main = resolve(import.meta.dirname, '../dist/cli/main.js');
const said = { stdout: '', stderr: '' };
for (const name of ['stdout', 'stderr']) {
  process[name].write = (text, ...more) => {
    said[name] += text;
    more.find((one) => typeof one === 'function')?.();
    return true;
  };
  process[name].setMaxListeners(0);
}
let times = 0;

process.on('message', async (words) => {
  Object.assign(said, { stdout: '', stderr: '' });
  process.exitCode = undefined;
  process.argv = [process.execPath, main, ...words];
  // Under another address the entry is carried out anew; what it imports stays loaded.
  await import(`${pathToFileURL(main)}?${++times}`);
  process.send({ exitCode: process.exitCode, signal: null, ...said });
});

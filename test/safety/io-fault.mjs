// Loaded into every process and thread of a run under test (`node --import`): counts the file operations of each, reads of the
// input included, and fails a chosen one, once or from then on, as a broken disk would. IO_FAULT in the environment says
// what to do; without it nothing is touched. DuckDB's own operations are not seen here: they meet real full and small disks.

// Loaded into every process and thread of a run under test (`node --import`): counts the file operations of each, reads of the
// input included, and fails a chosen one, once or from then on, as a broken disk would. IO_FAULT in the environment says
// what to do; without it nothing is touched. DuckDB's own operations are not seen here: they meet real full and small disks.
import fileSystem, { appendFileSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/** { folders, log, at: { role, operation } | null, code, lasting }, as io-faults.test.ts builds it. */
const fault = process.env.IO_FAULT === undefined ? null : JSON.parse(process.env.IO_FAULT);
const role = !isMainThread ? 'worker' : process.send === undefined ? 'supervisor' : 'engine';
let operations = 0;

const isWatched = (path) => fault.folders.some((folder) => path === folder || String(path).startsWith(`${folder}/`));

/** The error that the kernel would give, or undefined. The message is built as libuv builds it. */
function errorAt(call, path) {
  if (!isWatched(path)) return undefined;
  operations++;
  if (fault.at === null) appendFileSync(fault.log, `${role} ${operations} ${call} ${path}\n`);
  if (fault.at?.role !== role) return undefined;
  const isHere = fault.lasting ? operations >= fault.at.operation : operations === fault.at.operation;
  if (!isHere) return undefined;
  appendFileSync(fault.log, `${role} ${operations} ${call} ${path}: ${fault.code}\n`);
  // Of a file that is open the kernel knows no name any more.
  const named = call.startsWith('f') || ['write', 'read', 'close'].includes(call) ? {} : { path: String(path) };
  const error = new Error(`${fault.code}: injected, ${call}${named.path === undefined ? '' : ` '${path}'`}`);
  return Object.assign(error, { code: fault.code, errno: -1, syscall: call, ...named });
}

const failing = (object, name, call, pathOf) => {
  const original = object[name];
  object[name] = async function (...words) {
    const error = errorAt(call, pathOf(this, words));
    if (error !== undefined) throw error;
    return original.apply(this, words);
  };
};

async function install() {
  const paths = new WeakMap();
  const open = files.open;
  files.open = async (path, ...more) => {
    const error = errorAt('open', path);
    if (error !== undefined) throw error;
    const file = await open(path, ...more);
    paths.set(file, String(path));
    return file;
  };
  const first = (_, words) => words[0];
  for (const name of ['unlink', 'rm', 'mkdir', 'rmdir', 'readdir', 'stat', 'lstat', 'readFile'])
    failing(files, name, name, first);
  for (const name of ['rename', 'link']) failing(files, name, name, (_, words) => words[1]);

  const some = await open(process.execPath, 'r');
  const handle = Object.getPrototypeOf(some);
  await some.close();
  const ofHandle = (file) => paths.get(file) ?? '';
  const calls = {
    writeFile: 'write',
    write: 'write',
    sync: 'fsync',
    truncate: 'ftruncate',
    read: 'read',
    stat: 'fstat',
  };
  for (const [name, call] of Object.entries(calls)) failing(handle, name, call, ofHandle);
  // The kernel closes the file even when it reports an error, and that is when some network disks report a failed write.
  const close = handle.close;
  handle.close = async function () {
    const error = errorAt('close', ofHandle(this));
    await close.call(this);
    if (error !== undefined) throw error;
  };
  // Streams that write and hash files.
  for (const name of ['createWriteStream', 'createReadStream']) {
    const create = fileSystem[name];
    fileSystem[name] = (path, ...more) => {
      const error = errorAt(name, path);
      const stream = create(path, ...more);
      if (error !== undefined) stream.destroy(error);
      return stream;
    };
  }
  syncBuiltinESMExports();
}

if (fault !== null) await install();

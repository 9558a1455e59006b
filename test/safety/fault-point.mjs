// Loaded into every process and thread of a run under test (`node --import`): numbers the operations that change the output
// folder, and the messages between the processes, and at a chosen one kills, signals or waits. FAULT_POINT in the
// environment says what to do; without it nothing is touched. It also keeps what a power cut would leave (see durable.mjs).
import childProcess from 'node:child_process';
import { appendFileSync, existsSync, lstatSync, readdirSync, unlinkSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { keep } from './durable.mjs';

/** { root, log, engines, at: { role, step } or { role, label, times }, action, victims, go, durable }, as fault.ts builds it. */
const fault = process.env.FAULT_POINT === undefined ? null : JSON.parse(process.env.FAULT_POINT);
const role = !isMainThread ? 'worker' : process.send === undefined ? 'supervisor' : 'engine';
const engines = new Set();
let steps = 0;
let sameLabel = 0;

const isOurs = (path) => path === fault.root || String(path).startsWith(`${fault.root}/`);
const keepSynced = (path) => fault.durable !== undefined && keep(fault.durable, path);
const note = (words) => appendFileSync(fault.log, `${words}\n`);

/** Nothing after this line happens in a process that is killed: the signal is there before kill(2) returns. */
async function step(label, half) {
  steps++;
  if (fault.action === 'count') note(`${role} ${steps} ${label}`);
  const { at } = fault;
  if (at.label === label) sameLabel++;
  const isHere = at.step === steps || (at.label === label && sameLabel === (at.times ?? 1));
  if (at.role !== role || !isHere || fault.action === 'count') return;
  if (fault.action === 'hold') {
    note(`${process.pid} holds at ${label}`);
    while (!existsSync(fault.go)) await new Promise((resolve) => setTimeout(resolve, 10));
    return;
  }
  const others = role === 'supervisor' ? [...engines].map(({ pid }) => pid) : [process.ppid];
  const pids = { self: [process.pid], other: others, both: [...others, process.pid] }[fault.victims];
  // Once: what is started in the place of a killed engine, or by the next command, is left alone.
  if (pids.length === 0 || existsSync(fault.log)) return;
  half?.();
  note(`${role} ${steps} ${label}: ${fault.action} ${fault.victims}`);
  for (const pid of pids) process.kill(pid, fault.action);
}

const numbered = (operation, label) =>
  async function (path, ...more) {
    const changed = label === 'rename' || label === 'link' ? more[0] : path;
    if (isOurs(changed)) {
      await step(`${label} ${basename(changed)}`, () => {
        // Half of a folder's content gone.
        if (label === 'rm' && existsSync(path))
          for (const name of readdirSync(path).slice(0, 1)) removeName(path, name);
      });
    }
    return operation.call(this, path, ...more);
  };

function removeName(folder, name) {
  if (lstatSync(join(folder, name)).isFile()) unlinkSync(join(folder, name));
}

async function install() {
  const paths = new WeakMap();
  const open = files.open;
  files.open = async (path, flags, mode) => {
    const writes = typeof flags === 'string' ? flags !== 'r' : ((flags ?? 0) & 3) !== 0;
    if (writes && isOurs(path)) await step(`open ${basename(path)}`);
    const file = await open(path, flags, mode);
    paths.set(file, path);
    return file;
  };
  for (const name of ['rename', 'link', 'unlink', 'rm', 'mkdir', 'rmdir']) files[name] = numbered(files[name], name);

  const some = await open(process.execPath, 'r');
  const handle = Object.getPrototypeOf(some);
  await some.close();
  const { writeFile, sync, truncate, write } = handle;
  const isHandleOfOurs = (file) => paths.has(file) && isOurs(paths.get(file));
  handle.writeFile = async function (content, ...more) {
    if (!isHandleOfOurs(this)) return writeFile.call(this, content, ...more);
    const name = basename(paths.get(this));
    await step(`write ${name}`);
    const bytes = Buffer.from(content);
    const middle = bytes.length >> 1;
    await write.call(this, bytes, 0, middle);
    await step(`write the second half of ${name}`);
    await writeFile.call(this, bytes.subarray(middle), ...more);
  };
  handle.sync = async function () {
    const path = paths.get(this);
    if (!isHandleOfOurs(this)) {
      await sync.call(this);
      if (path !== undefined && fault.root.startsWith(`${path}/`)) keepSynced(path);
      return;
    }
    await step(`sync ${basename(path)}`);
    await sync.call(this);
    keepSynced(path);
  };
  handle.truncate = async function (...more) {
    if (isHandleOfOurs(this)) await step(`truncate ${basename(paths.get(this))}`);
    return truncate.call(this, ...more);
  };

  const fork = childProcess.fork;
  childProcess.fork = (...words) => {
    const engine = fork(...words);
    engines.add(engine);
    appendFileSync(fault.engines, `${engine.pid}\n`);
    engine.on('exit', () => engines.delete(engine));
    numberMessages(engine);
    const kill = engine.kill;
    engine.kill = (...more) => {
      step('kill engine');
      return kill.apply(engine, more);
    };
    return engine;
  };
  if (role === 'engine') numberMessages(process);
  syncBuiltinESMExports();
}

/** How many messages of progress there are is a matter of time: they are no steps. */
function numberMessages(end) {
  const send = end.send;
  end.send = (message, ...more) => {
    if (message.kind !== 'progress') step(`send ${message.kind}`);
    return send.call(end, message, ...more);
  };
}

if (fault !== null) await install();

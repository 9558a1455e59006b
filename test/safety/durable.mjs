// What a disk holds for certain: the bytes of a file as of its last sync, the names of a folder as of its own. A folder of
// records stands for the disk; processes of a run keep in it what they sync, and a test restores from it after a power cut.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Keeps a file, or the names of a folder, that was synced just now. */
export function keep(records, path) {
  const entry = lstatSync(path, { bigint: true });
  if (!entry.isDirectory()) return copyFileSync(path, join(records, identityOf(entry)));
  const names = {};
  for (const name of readdirSync(path)) {
    const child = lstatSync(join(path, name), { bigint: true, throwIfNoEntry: false });
    if (child !== undefined) names[name] = child.isDirectory() ? null : identityOf(child);
  }
  writeFileSync(recordOf(records, path), JSON.stringify(names));
}

/** Keeps a folder with everything in it: what was there long before the power went. */
export function keepAll(records, folder) {
  keep(records, folder);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (lstatSync(path).isDirectory()) keepAll(records, path);
    else keep(records, path);
  }
}

/** Writes what is left of a folder to `target`: names without their bytes become empty files. */
export function restore(records, folder, target) {
  mkdirSync(target, { recursive: true });
  const record = recordOf(records, folder);
  const names = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {};
  for (const [name, identity] of Object.entries(names)) {
    const kept = identity === null ? null : join(records, identity);
    if (kept === null) restore(records, join(folder, name), join(target, name));
    else if (existsSync(kept)) copyFileSync(kept, join(target, name));
    else writeFileSync(join(target, name), '');
  }
}

const recordOf = (records, folder) => join(records, createHash('sha256').update(folder).digest('hex'));

/** Inode numbers are used again; together with the time of birth they are not. */
const identityOf = ({ ino, birthtimeNs }) => `${ino}@${birthtimeNs}`;

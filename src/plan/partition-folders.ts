// What the names of folders say of the files below them.
import { sep } from 'node:path';

/** Values of the Hive-style `key=value` folders in a relative folder path. */
export function partitionOf(folders: string): Readonly<Record<string, string>> {
  const pairs = folders.split(sep).flatMap((name) => {
    const match = /^([^=]+)=(.*)$/.exec(name);
    return match === null ? [] : [[decoded(match[1]), decoded(match[2])]];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    const plain = decodeURIComponent(text);
    return plain.includes('\0') ? text : plain;
  } catch {
    return text;
  }
}

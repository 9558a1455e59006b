// The checkout as the examples expect it under /srv/scoremill, in a folder of its own: their paths and user are replaced, and
// `date` says that yesterday was a day of the sample. Everything else runs as it stands.
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface PlacedCheckout {
  readonly folder: string;
  /** Where `node` and `date` are found first. */
  readonly path: string;
  /** The text of an example with its paths replaced. */
  place(text: string): string;
}

/** Links the checkout into a folder. `yesterday` is what `date -u -d yesterday +%F` prints there. */
export function placeCheckout(folder: string, yesterday: string): PlacedCheckout {
  const checkout = join(folder, 'scoremill');
  const programs = join(folder, 'programs');
  for (const path of [checkout, programs]) mkdirSync(path, { recursive: true });
  for (const name of ['dist', 'examples', 'sample-data']) symlinkSync(join(root, name), join(checkout, name));
  symlinkSync(process.execPath, join(programs, 'node'));
  writeFileSync(join(programs, 'date'), `#!/bin/sh\n[ "$*" = "-u -d yesterday +%F" ] && echo ${yesterday}\n`);
  chmodSync(join(programs, 'date'), 0o755);
  return {
    folder: checkout,
    path: `${programs}:/usr/bin:/bin`,
    place: (text) => text.replaceAll('/srv/scoremill', checkout).replaceAll('/usr/local/bin', programs),
  };
}

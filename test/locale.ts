// The locale en_US.UTF-8, which text operators of ONNX Runtime need and a machine may lack.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Makes the locale in a folder, to be given as LOCPATH; false, with a warning, where `localedef` cannot. */
export function makeLocale(folder: string): boolean {
  const isMade = spawnSync('localedef', ['-i', 'en_US', '-f', 'UTF-8', join(folder, 'en_US.UTF-8')]).status === 0;
  if (!isMade) console.warn('skipped: cases that need the locale en_US.UTF-8 (localedef cannot make it here)');
  return isMade;
}

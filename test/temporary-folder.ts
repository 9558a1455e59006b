// A folder for one test, gone when the test is over.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** To be called within a test. The path has no symbolic links in it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// The one place that knows where the borrowed test files are: beside the checkout, or where SCOREMILL_CORPORA says.
// Tests that need them are skipped, and say so, when the folder is absent.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = process.env.SCOREMILL_CORPORA ?? resolve(import.meta.dirname, '../../shared/corpora');

export const corpora = {
  available: existsSync(folder),
  path: (...names: string[]): string => join(folder, ...names),
};

if (!corpora.available) console.warn('skipped: tests that need the corpora folder (set SCOREMILL_CORPORA to its path)');

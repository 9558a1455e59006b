// Where a tokenizer lies: a tokenizer.json by any name, or a folder that holds one. No native code: its files are hashed by the
// process that survives crashes.
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FailureError } from '../core/failure.ts';

export interface TokenizerFiles {
  readonly tokenizerPath: string;
  /** tokenizer_config.json in the same folder. */
  readonly configPath: string | null;
}

/** The files of the tokenizer that a job names. Fails with `tokenizer-missing`. */
export async function locateTokenizer(path: string): Promise<TokenizerFiles> {
  const tokenizerPath = (await isFolder(path)) ? join(path, 'tokenizer.json') : path;
  if (!(await isFile(tokenizerPath))) throw new FailureError({ reason: 'tokenizer-missing', path: tokenizerPath });
  const configPath = join(dirname(tokenizerPath), 'tokenizer_config.json');
  return { tokenizerPath, configPath: (await isFile(configPath)) ? configPath : null };
}

const found = (path: string) => stat(path).catch(() => null);
const isFolder = async (path: string): Promise<boolean> => (await found(path))?.isDirectory() ?? false;
const isFile = async (path: string): Promise<boolean> => (await found(path))?.isFile() ?? false;

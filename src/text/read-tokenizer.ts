// Reads a tokenizer.json and its tokenizer_config.json: what computes, and the settings that they give.
import { readFile } from 'node:fs/promises';
import { failureOfIo } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { makeTokenizer, type Tokenizer } from './tokenizer.ts';
import { isRecord, UnsupportedTokenizer } from './tokenizer-component.ts';

type Settings = Readonly<Record<string, unknown>>;

export interface TokenizerFile {
  readonly tokenizer: Tokenizer;
  /** The keys `truncation` and `padding` of tokenizer.json; empty when it has none. */
  readonly truncation: Settings;
  readonly padding: Settings;
}

/** Fails with `tokenizer-unusable`, saying what is wrong with the file. */
export async function readTokenizer(path: string): Promise<TokenizerFile> {
  const json = await readJson(path);
  const settings = (key: string): Settings => (isRecord(json[key]) ? (json[key] as Settings) : {});
  try {
    return { tokenizer: makeTokenizer(json), truncation: settings('truncation'), padding: settings('padding') };
  } catch (error) {
    if (!(error instanceof UnsupportedTokenizer)) throw error;
    throw new FailureError({ reason: 'tokenizer-unusable', path, message: error.message });
  }
}

/** A file that holds a JSON mapping. Fails with `tokenizer-unusable`. */
export async function readJson(path: string): Promise<Settings> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw failureOfIo('read', path, error);
  }
  const unusable = (message: string): FailureError => new FailureError({ reason: 'tokenizer-unusable', path, message });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const isPointer = text.startsWith('version https://git-lfs');
    throw unusable(
      isPointer ? 'it is a Git LFS pointer; run git lfs pull' : `it is no JSON: ${(error as Error).message}`,
    );
  }
  if (!isRecord(json)) throw unusable('it holds no mapping');
  return json;
}

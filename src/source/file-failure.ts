// What an error of the file system means for an input file.
import { dirname } from 'node:path';
import { type Failure, FailureError } from '../core/failure.ts';

/** The failure behind an error thrown while a file was looked up, opened or read; anything but a failure or a system error is thrown on. */
export function failureOfFile(error: unknown, listedPath: string): Failure {
  if (error instanceof FailureError) return error.failures[0];
  const { code, path = listedPath, syscall, message } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) throw error;
  if (code === 'EACCES' || code === 'EPERM') return { reason: 'permission-denied', operation: 'read', path, code };
  if (code === 'ENOENT') return { reason: 'dataset-missing', path, folder: dirname(path), lookedFor: 'file' };
  return { reason: 'io', operation: 'read', path, code, message };
}

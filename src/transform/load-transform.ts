// Loads a user's module. It is code, unlike the rest of a job, and runs with the rights of the engine process.
import { access } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { FailureError } from '../core/failure.ts';
import type { Transform } from './transform.ts';

export interface TransformModule {
  readonly transform: Transform;
  /** The columns to give it; null: all. */
  readonly columns: readonly string[] | null;
}

/** Throws a FailureError when there is no such module, or it cannot be used. */
export async function loadTransform(path: string): Promise<TransformModule> {
  const unusable = (message: string): FailureError => new FailureError({ reason: 'transform-unusable', path, message });
  await access(path).catch(() => {
    throw new FailureError({ reason: 'transform-missing', path });
  });
  if (/\.[cm]?ts$/.test(path) && !runsTypeScript())
    throw unusable(
      `it is TypeScript, which Node ${process.versions.node} cannot run; compile it (npx tsc), and name the .js file in the job`,
    );
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = await import(/* @vite-ignore */ pathToFileURL(path).href);
  } catch (error) {
    throw unusable(`it cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }
  // Of a CommonJS module all that it exports is the default.
  const defaults = exports.default as { readonly transform?: unknown; readonly columns?: unknown } | undefined;
  const transform = [exports.transform, defaults?.transform, exports.default].find((one) => typeof one === 'function');
  if (transform === undefined)
    throw unusable(
      'it exports no function; export one that takes a record batch: export function transform(batch) { ... }',
    );
  const columns = exports.columns ?? defaults?.columns ?? null;
  const isList = Array.isArray(columns) && columns.every((name) => typeof name === 'string');
  if (columns !== null && !isList)
    throw unusable("its export columns is no list of names; write export const columns = ['age', 'income']");
  return { transform: transform as Transform, columns: columns as readonly string[] | null };
}

const runsTypeScript = (): boolean => Boolean((process.features as { readonly typescript?: unknown }).typescript);

// A Python of its own with Airflow, its providers and the schemas of Kubernetes: .venv-examples in the checkout, as .ci/run
// makes it, or SCOREMILL_EXAMPLES_PYTHON. Tests that need it are skipped, and say so, when there is none.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const candidates = [
  process.env.SCOREMILL_EXAMPLES_PYTHON,
  resolve(import.meta.dirname, '../../.venv-examples/bin/python'),
];

/** The path of the interpreter, or undefined. */
export const examplesPython = candidates.find((path) => path !== undefined && existsSync(path));

if (examplesPython === undefined)
  console.warn('skipped: tests that need Airflow (make .venv-examples; SCOREMILL_EXAMPLES_PYTHON names another one)');

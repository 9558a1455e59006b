// Prints `N passed, N failed` from vitest's JSON report, and `, N skipped` where there are any. A test file that could not
// be loaded counts as one failure. Exits with 1 when something failed or nothing ran.
import { readFileSync } from 'node:fs';

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    console.log(`no test report: ${error.message}`);
    return { testResults: [] };
  }
}

const { testResults } = read(process.argv[2]);
const statuses = testResults.flatMap(({ assertionResults, status }) => {
  const own = assertionResults.map((one) => one.status);
  return status === 'failed' && !own.includes('failed') ? [...own, 'failed'] : own;
});
const passed = statuses.filter((status) => status === 'passed').length;
const failed = statuses.filter((status) => status === 'failed').length;
const skipped = statuses.length - passed - failed;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

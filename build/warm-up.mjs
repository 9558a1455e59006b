// Runs what was built on rows made up here, in the engine's own thread, in worker threads, and once more when all is done, and
// keeps the code that Node compiles on the way beside the bundles. Without it, the product is the same and starts slower.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import duckdb from '@duckdb/node-bindings';

const root = join(import.meta.dirname, '..');

export async function warmUp(dist) {
  const folder = mkdtempSync(join(tmpdir(), 'scoremill-build-'));
  try {
    writeFileSync(join(folder, 'model.onnx'), negation());
    await writeRows(join(folder, 'rows.parquet'), 40_000);
    const job =
      'name: warm-up\nmodel: { path: model.onnx }\ndataset: { path: rows.parquet }\nkeep: [id]\noutput: { path: scored }\n';
    writeFileSync(join(folder, 'job.yaml'), job);
    const run = (keepsCodeOf, ...words) => {
      const { status, stderr } = spawnSync(process.execPath, [join(root, dist, 'cli/main.js'), 'run', ...words], {
        cwd: folder,
        encoding: 'utf8',
        env: {
          ...process.env,
          KEEPS_CODE_OF: keepsCodeOf,
          NODE_OPTIONS: `--require ${JSON.stringify(join(import.meta.dirname, 'keep-code.cjs'))}`,
        },
      });
      if (status !== 0) throw new Error(stderr);
    };
    run('programs', 'job.yaml', '--where', 'id < 1000');
    run('programs', 'job.yaml', '--where', 'id < 1000');
    const options = ['--model', 'model.onnx', '--dataset', 'rows.parquet', '--keep', 'id', '--workers', '1'];
    run('worker', ...options, '--output', 'threads', '--set', 'output.rowsPerFile=16384');
  } catch (error) {
    console.warn(`not warmed up, so that it starts slower: ${error.message}`);
    for (const name of readdirSync(join(root, dist), { recursive: true })) {
      if (name.endsWith('.code')) rmSync(join(root, dist, name));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeRows(path, rows) {
  const connection = await duckdb.connect(await duckdb.open(':memory:'));
  const select = `SELECT range AS id, range / 7 AS a, sin(range) AS b FROM range(${rows})`;
  await duckdb.query(connection, `COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`);
}

/** A model of one operator, y = -x for rows of two floats, field by field of the ONNX format. */
function negation() {
  const field = (number, ...bytes) => [number * 8 + 2, bytes.length, ...bytes];
  const text = (number, letters) => field(number, ...Buffer.from(letters));
  const number = (field, value) => [field * 8, value];
  const float = 1;
  const shape = field(2, ...field(1, ...text(2, 'n')), ...field(1, ...number(1, 2)));
  const value = (name) => [...text(1, name), ...field(2, ...field(1, ...number(1, float), ...shape))];
  const node = [...text(1, 'x'), ...text(2, 'y'), ...text(4, 'Neg')];
  const graph = [
    ...field(1, ...node),
    ...text(2, 'negation'),
    ...field(11, ...value('x')),
    ...field(12, ...value('y')),
  ];
  return Buffer.from([...number(1, 8), ...field(7, ...graph), ...field(8, ...number(2, 13))]);
}

// The rules that ARCHITECTURE.md states about the source tree: floors, cycles, owners of libraries, names and sizes.
// Each rule yields the list of its offenders, which is empty.
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { expect, it } from 'vitest';

/** Imports only go down. Folders of one floor do not know each other. */
const floors: Readonly<Record<string, number>> = {
  core: 0,
  job: 1,
  source: 2,
  model: 2,
  sink: 2,
  stats: 2,
  image: 2,
  text: 2,
  transform: 2,
  commit: 2,
  scoring: 3,
  report: 3,
  observe: 3,
  plan: 4,
  engine: 5,
  run: 6,
  // The two ways in; neither needs the other.
  cli: 7,
  'index.ts': 7,
};

/** Who may import a library: nobody else knows that it is used. */
const owners: Readonly<Record<string, RegExp>> = {
  'onnxruntime-node': /^model\/session\.ts$/,
  piscina: /^engine\/thread-pool\.ts$/,
  'p-queue': /^run\/dispatch\.ts$/,
  '@duckdb/node-api': /^core\/duckdb(-database|-vectors|-table)?\.ts$/,
  '@duckdb/node-bindings': /^core\/duckdb(-database|-vectors|-table)?\.ts$/,
  protobufjs: /^model\/onnx-schema\.ts$/,
  yargs: /^cli\/parser\.ts$/,
  // The format that apache-arrow's messages are written in.
  flatbuffers: /^source\/arrow[\w-]*\.ts$/,
  'apache-arrow': /^((source|core)\/arrow[\w-]*|transform\/[\w-]+)\.ts$/,
  'hyparquet-writer': /^report\/write-table\.ts$/,
  'd3-array': /^report\/html\/[\w-]+\.ts$/,
  'd3-shape': /^report\/html\/[\w-]+\.ts$/,
  // The job file and the manifest are the two formats that people may edit or other versions may have written.
  zod: /^(job\/[\w-]+|commit\/manifest)\.ts$/,
  // Job files, and MLflow's description of a model.
  yaml: /^(job\/[\w-]+|model\/mlmodel)\.ts$/,
  tinyglobby: /^plan\/discover\.ts$/,
  fzstd: /^source\/[\w-]+\.ts$/,
  sharp: /^image\/[\w-]+\.ts$/,
  '@huggingface/tokenizers': /^text\/[\w-]+\.ts$/,
  lz4js: /^source\/[\w-]+\.ts$/,
};

/** Libraries with native code: they may take the process with them, and the supervisor must outlive that. */
const native = ['onnxruntime-node', '@duckdb/node-api', '@duckdb/node-bindings', 'piscina', 'sharp'];

const sourceFolder = resolve(import.meta.dirname, '../src');

interface Import {
  readonly specifier: string;
  /** Loaded when the file is: neither erased as a type nor asked for later. */
  readonly isEager: boolean;
}

interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** The text without comments. */
  readonly code: string;
  readonly imports: readonly Import[];
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(sourceFolder, path), 'utf8');
  const code = text.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '');
  const imports = [
    ...[...code.matchAll(/^(?:import|export)\s(type\s)?(?:[^;'"]*?\sfrom\s)?'([^']+)'/gm)].map(
      ([, type, specifier]) => ({ specifier, isEager: type === undefined }),
    ),
    ...[...code.matchAll(/\bimport\('([^']+)'\)/g)].map(([, specifier]) => ({ specifier, isEager: false })),
  ];
  return { path, text, code, imports };
}

const sources: readonly SourceFile[] = readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.replaceAll('\\', '/'))
  .sort()
  .map(readSource);
const programs = sources.filter(({ path }) => !path.endsWith('.d.ts'));
const byPath = new Map(sources.map((source) => [source.path, source]));

const folderOf = (path: string): string => path.split('/')[0];
const isRelative = ({ specifier }: Import): boolean => specifier.startsWith('.');
const targetOf = ({ path }: SourceFile, { specifier }: Import): string => posix.join(posix.dirname(path), specifier);
/** `@duckdb/node-api/lib` -> `@duckdb/node-api`. */
const packageOf = ({ specifier }: Pick<Import, 'specifier'>): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

it('reads the tree', () => {
  expect(programs.length).toBeGreaterThan(100);
  expect(byPath.get('cli/main.ts')?.imports).toContainEqual({ specifier: '../core/failure.ts', isEager: true });
});

it('has a floor for every folder', () => {
  expect([...new Set(sources.map(({ path }) => folderOf(path)))].filter((folder) => !(folder in floors))).toEqual([]);
});

it('imports only from lower floors or its own folder', () => {
  const offenders = sources.flatMap((source) =>
    source.imports
      .filter(isRelative)
      .map((one) => targetOf(source, one))
      .filter((target) => folderOf(target) !== folderOf(source.path))
      .filter((target) => floors[folderOf(target)] >= floors[folderOf(source.path)])
      .map((target) => `${source.path} -> ${target}`),
  );
  expect(offenders).toEqual([]);
});

it('imports files that exist, with their suffix, and libraries that package.json names', () => {
  const { dependencies } = JSON.parse(readFileSync(resolve(sourceFolder, '../package.json'), 'utf8'));
  const offenders = sources.flatMap((source) =>
    source.imports
      .filter((one) =>
        isRelative(one)
          ? !byPath.has(targetOf(source, one))
          : !one.specifier.startsWith('node:') && !Object.hasOwn(dependencies, packageOf(one)),
      )
      .map(({ specifier }) => `${source.path} -> ${specifier}`),
  );
  expect(offenders).toEqual([]);
});

it('has no import cycles, types included', () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, above: readonly string[]): void => {
    if (above.includes(path)) {
      cycles.push([...above.slice(above.indexOf(path)), path].join(' -> '));
      return;
    }
    const source = byPath.get(path);
    if (source === undefined || done.has(path)) return;
    for (const one of source.imports.filter(isRelative)) visit(targetOf(source, one), [...above, path]);
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  expect(cycles).toEqual([]);
});

it('has one owner for each library', () => {
  const offenders = sources.flatMap((source) =>
    source.imports
      .filter((one) => !isRelative(one) && !one.specifier.startsWith('node:'))
      .filter((one) => !owners[packageOf(one)]?.test(source.path))
      .map(({ specifier }) => `${source.path} -> ${specifier}`),
  );
  expect(offenders).toEqual([]);
});

it('uses every library that package.json names', () => {
  const { dependencies } = JSON.parse(readFileSync(resolve(sourceFolder, '../package.json'), 'utf8'));
  const used = new Set(sources.flatMap(({ imports }) => imports.map(packageOf)));
  expect(Object.keys(dependencies).filter((name) => !used.has(name))).toEqual([]);
});

it('loads no native code into the supervisor', () => {
  const reached = new Map<string, string>();
  const visit = (path: string, from: string): void => {
    const source = byPath.get(path);
    if (source === undefined || reached.has(path)) return;
    reached.set(path, from);
    // A command is loaded when it is asked for, and most of a run when the engine is started: still by this process.
    const isEntry = path === 'cli/main.ts' || path === 'run/run-job.ts';
    for (const one of source.imports.filter(isRelative)) {
      if (one.isEager || isEntry) visit(targetOf(source, one), path);
    }
  };
  for (const entry of ['cli/main.ts', 'index.ts']) visit(entry, 'its user');
  const offenders = [...reached].flatMap(([path, from]) =>
    byPath
      .get(path)!
      .imports.filter((one) => one.isEager && native.includes(packageOf(one)))
      .map(({ specifier }) => `${from} -> ${path} -> ${specifier}`),
  );
  expect(reached.size).toBeGreaterThan(50);
  expect(offenders).toEqual([]);
});

it('prints and exits only in cli/, and the engine process ends itself', () => {
  const offenders = programs
    .filter(({ path }) => folderOf(path) !== 'cli')
    .flatMap(({ path, code }) =>
      [...code.matchAll(/\bconsole\.\w+|(?<![#.\w])process\.(exit|stdout|stderr)\b/g)].map(
        ([what]) => `${path}: ${what}`,
      ),
    )
    .filter((offender) => offender !== 'engine/engine-process.ts: process.exit');
  expect(offenders).toEqual([]);
});

it('opens every file with one to five lines on what it owns; more may follow in a paragraph of its own', () => {
  const offenders = sources.filter(({ text }) => {
    const lines = text.split('\n').slice(text.startsWith('#!') ? 1 : 0);
    const length = lines.findIndex((line) => !/^\/\/ \S/.test(line));
    return length < 1 || length > 5;
  });
  expect(offenders.map(({ path }) => path)).toEqual([]);
});

/** Files of more than 250 lines, and why they are. A small file is no fault: it is one idea. */
const exceptions: Readonly<Record<string, string>> = {
  'cli/options.ts': 'one table; help, completion, variables and arguments all come from it',
};

it('has files of at most 250 lines, but for the exceptions', () => {
  const offenders = sources
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > 250);
  const named = (path: string): boolean => Object.hasOwn(exceptions, path);
  expect(offenders.filter(({ path }) => !named(path)).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
  const paths = offenders.map(({ path }) => path);
  expect(Object.keys(exceptions).filter((path) => !paths.includes(path))).toEqual([]);
});

it('names files in kebab-case after what they export, never after nothing', () => {
  const forbidden =
    /^(utils?|helpers?|types|interfaces|common|misc|constants|managers?|handlers?|.*-(utils?|helpers?|manager|handler))$/;
  const offenders = sources
    .map(({ path }) => path)
    .filter((path) => {
      const name = basename(path).replace(/(\.d)?\.ts$/, '');
      return (
        forbidden.test(name) || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || (name === 'index' && dirname(path) !== '.')
      );
    });
  expect(offenders).toEqual([]);
});

it('has no barrels: only the public API re-exports', () => {
  const offenders = sources.filter(({ path, code }) => path !== 'index.ts' && /^export\s[^;]*?\sfrom\s'/m.test(code));
  expect(offenders.map(({ path }) => path)).toEqual([]);
});

it('exports by name, but for the thread entry that piscina loads', () => {
  const offenders = programs.filter(({ code }) => /^export default\b/m.test(code)).map(({ path }) => path);
  expect(offenders).toEqual(['engine/worker.ts']);
});

it('bundles all libraries but native code and piscina, and says whose code that is', () => {
  const dist = resolve(sourceFolder, '../dist');
  const bundles = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.js'));
  const texts = bundles.map((path) => readFileSync(join(dist, path), 'utf8'));
  // Node warns of it, but not in node_modules.
  expect(texts.filter((text) => text.includes('new Buffer('))).toEqual([]);
  const left = texts.flatMap((text) =>
    [...text.matchAll(/(?:^import[^;'"]*|\b(?:import|require)\()["']([^"'.][^"']*)["']/gm)].map(
      ([, specifier]) => specifier,
    ),
  );
  const libraries = new Set(
    left.filter((specifier) => !isBuiltin(specifier)).map((specifier) => packageOf({ specifier })),
  );
  const unbundled = ['@duckdb/node-bindings', 'onnxruntime-node', 'piscina', 'sharp'];
  expect([...libraries].sort()).toEqual(unbundled);
  const licenses = readFileSync(join(dist, 'licenses.txt'), 'utf8');
  const { dependencies } = JSON.parse(readFileSync(resolve(sourceFolder, '../package.json'), 'utf8'));
  const bundled = Object.entries(dependencies).filter(([name]) => !unbundled.includes(name));
  expect(bundled.filter(([name, version]) => !licenses.includes(`${name} ${version} (`))).toEqual([]);
});

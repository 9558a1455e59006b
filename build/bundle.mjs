// Bundles src/ into the few files of dist/. Loading hundreds of small modules, our own and those of libraries, took more than
// half of the time of a small run. The command line, the engine process and its worker threads are one file each, which is
// loaded with compiled code (load-bundle.cjs, warm-up.mjs); the library is made of modules, as its users' bundlers expect.
// Types come from tsc, and so do type errors. Tests bundle entries of their own: node build/bundle.mjs FOLDER ENTRY...
import { chmodSync, copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { warmUp } from './warm-up.mjs';

const root = join(import.meta.dirname, '..');

const programs = ['cli/main', 'engine/engine-process', 'engine/worker'];

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  /** Left in node_modules: native code, and piscina, which starts threads in a file of its own. */
  external: ['@duckdb/node-bindings', 'onnxruntime-node', 'piscina', 'sharp'],
  charset: 'ascii',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/** Modules, with files of their own for what several entries share and for what is loaded on demand. */
async function bundleModules(outdir, entryPoints) {
  rmSync(resolve(root, outdir, 'chunks'), { recursive: true, force: true });
  const { metafile } = await build({
    ...common,
    entryPoints,
    outdir,
    format: 'esm',
    splitting: true,
    // One level below dist like all that finds files beside itself (`import.meta.url`).
    chunkNames: 'chunks/[name]-[hash]',
    // Libraries in CommonJS ask for built-in modules in their way.
    banner: {
      js: `import { createRequire as createRequireHere } from 'node:module';\nconst require = createRequireHere(import.meta.url);`,
    },
    plugins: [mendLibraries],
  });
  return Object.keys(metafile.inputs);
}

/** Each in a file of its own, and a file of its name that loads it. */
async function bundlePrograms(outdir) {
  const { metafile } = await build({
    ...common,
    entryPoints: programs.map((name) => ({ in: `src/${name}.ts`, out: `${name}.bundle` })),
    outdir,
    format: 'cjs',
    define: { 'import.meta.url': 'urlOfBundle' },
    banner: { js: `const urlOfBundle = require('node:url').pathToFileURL(__filename).href;` },
    plugins: [mendLibraries, requireOnDemand, importThroughLoader],
  });
  for (const name of programs) {
    // That of other text of the same length would be taken for this one's.
    rmSync(resolve(root, outdir, `${name}.bundle.code`), { force: true });
    copyFileSync(join(import.meta.dirname, 'load-bundle.cjs'), resolve(root, outdir, `${name}.js`));
    writeFileSync(resolve(root, outdir, name, '../package.json'), '{ "type": "commonjs" }\n');
  }
  chmodSync(resolve(root, outdir, 'cli/main.js'), 0o755);
  return Object.keys(metafile.inputs);
}

/** What works for a library in node_modules, and not in a bundle: a pattern for its file, and its text as it is to be. */
const mended = [
  {
    // Of use only for letters that are none of ASCII, and they take 30 ms to make.
    file: /\/string-width\/index\.js$/,
    mend: (text) =>
      text
        .replace(
          'const segmenter = new Intl.Segmenter();',
          'let made;\nconst segmenter = { segment: (text) => (made ??= new Intl.Segmenter()).segment(text) };',
        )
        .replace(
          /^const (\w+Regex) = (\/.*\/v);$/gm,
          'let made_$1;\nconst $1 = { test: (text) => (made_$1 ??= $2).test(text), [Symbol.search]: (text) => text.search(made_$1 ??= $2) };',
        ),
  },
  {
    // yargs looks for the package that it serves: outside node_modules, in the user's working folder.
    file: /\/yargs\/lib\/platform-shims\/esm\.mjs$/,
    mend: (text) => text.replace('mainFilename || process.cwd()', 'dirname(__dirname)'),
  },
];

const mendLibraries = {
  name: 'mend-libraries',
  setup({ onLoad }) {
    for (const { file, mend } of mended) {
      onLoad({ filter: file }, ({ path }) => {
        return { contents: mend(readFileSync(path, 'utf8')) };
      });
    }
  },
};

/** What is loaded on demand from node_modules is in CommonJS, too, and `require` is the faster way to it. */
const requireOnDemand = {
  name: 'require-on-demand',
  setup({ onResolve, onLoad }) {
    const namespace = 'required';
    onResolve({ filter: /^[@\w]/ }, ({ kind, path }) => {
      const isOutside = common.external.some((name) => path === name || path.startsWith(`${name}/`));
      return kind === 'dynamic-import' && isOutside ? { path, namespace } : undefined;
    });
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      resolveDir: root,
    }));
  },
};

/** Modules of the user's are imported by the file that loads the bundle. */
const importThroughLoader = {
  name: 'import-through-loader',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/transform\/load-transform\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace('await import(', 'await importModule('),
      loader: 'ts',
    }));
  },
};

/** Whose code is in the bundles, and under which terms. */
function licensesOf(files) {
  const packages = new Set(files.flatMap((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []));
  return [...packages]
    .sort()
    .map(licenseOf)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function licenseOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const files = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = files.sort().map((file) => readFileSync(join(root, folder, file), 'utf8').trim());
  return `${[`${name} ${version} (${license})`, ...texts].join('\n\n')}\n`;
}

const [outdir, ...entryPoints] = process.argv.slice(2);
if (outdir === undefined) {
  const files = [...(await bundlePrograms('dist')), ...(await bundleModules('dist', ['src/index.ts']))];
  writeFileSync(join(root, 'dist/licenses.txt'), licensesOf(files));
  await warmUp('dist');
} else {
  await bundleModules(outdir, entryPoints);
}

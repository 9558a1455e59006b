// Paths of a job, made absolute: those of the job file start at its folder, those of options where the command was
// started. A dataset's glob stays a glob; `~` is left alone; only local paths are taken.
import { resolve } from 'node:path';
import type { Checked, Problem } from './check-job.ts';
import type { Path } from './overrides.ts';
import type { Job } from './schema.ts';

const scheme = /^([a-z][a-z0-9+.-]+):\/\//i;
const magic = /[*?[\]{}()!+@|\\]/;

type Absolute = (path: string, at: Path, join: (folder: string, path: string) => string) => string;

/** The job with absolute paths, and a problem for each path that is a URL. */
export function withAbsolutePaths(job: Job, folderOf: (path: Path) => string): Checked {
  const problems: Problem[] = [];
  const absolute: Absolute = (path, at, join) => {
    const url = scheme.exec(path);
    if (url === null) return join(folderOf(at), path);
    const message = `${url[1]}:// is not supported in this version; copy the files and give a local path`;
    problems.push({ path: at, code: 'wrong', message });
    return path;
  };
  return {
    job: {
      ...job,
      model: { ...job.model, path: absolute(job.model.path, ['model', 'path'], resolve) },
      dataset: {
        ...job.dataset,
        path: job.dataset.path.map((path) => absolute(path, ['dataset', 'path'], resolveGlob)),
      },
      ...(job.transform === undefined ? {} : { transform: withModulePaths(job.transform, absolute) }),
      ...(job.outputs === undefined ? {} : { outputs: withLabelPaths(job.outputs, absolute) }),
      ...(job.inputs === undefined ? {} : { inputs: withInputPaths(job.inputs, absolute) }),
      output: { ...job.output, path: absolute(job.output.path, ['output', 'path'], resolve) },
      observe: withObserverPaths(job.observe, absolute),
    },
    problems,
  };
}

type Modules = NonNullable<Job['transform']>;

function withModulePaths(transform: Modules, absolute: Absolute): Modules {
  const { before, after } = transform;
  return {
    ...transform,
    // Given as one path, it stands at the key itself, and whoever asks for a place in it is told that one.
    ...(before === undefined ? {} : { before: absolute(before, ['transform', 'before'], resolve) }),
    ...(after === undefined ? {} : { after: absolute(after, ['transform', 'after'], resolve) }),
  };
}

/** Metrics go to a file; lineage goes to files, or to URLs. */
function withObserverPaths(observe: Job['observe'], absolute: Absolute): Job['observe'] {
  const { metrics, lineage } = observe;
  const at = (name: string): Path => ['observe', name];
  return {
    ...observe,
    ...(metrics === undefined ? {} : { metrics: absolute(metrics, at('metrics'), resolve) }),
    ...(lineage === undefined
      ? {}
      : { lineage: lineage.map((place) => (scheme.test(place) ? place : absolute(place, at('lineage'), resolve))) }),
  };
}

type Outputs = NonNullable<Job['outputs']>;

/** Labels may be those of a file. */
function withLabelPaths(outputs: Outputs, absolute: Absolute): Outputs {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, spec]) => {
      const { labels } = spec;
      if (typeof labels !== 'string') return [name, spec];
      return [name, { ...spec, labels: absolute(labels, ['outputs', name, 'labels'], resolve) }];
    }),
  );
}

type Inputs = NonNullable<Job['inputs']>;

/** Images may lie below a root, and a tokenizer anywhere. */
function withInputPaths(inputs: Inputs, absolute: Absolute): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, spec]) => {
      const { image, text } = spec;
      const at = (...path: string[]): Path => ['inputs', name, ...path];
      const root = image?.root === undefined ? {} : { root: absolute(image.root, at('image', 'root'), resolve) };
      const tokenizer =
        text?.tokenizer === undefined ? {} : { tokenizer: absolute(text.tokenizer, at('text', 'tokenizer'), resolve) };
      return [
        name,
        {
          ...spec,
          ...(image === undefined ? {} : { image: { ...image, ...root } }),
          ...(text === undefined ? {} : { text: { ...text, ...tokenizer } }),
        },
      ];
    }),
  );
}

/** A relative glob under a folder whose own name holds glob characters: those are escaped, the glob's are not. */
function resolveGlob(folder: string, path: string): string {
  if (!magic.test(folder) || !/[*?[{]/.test(path) || path.startsWith('/')) return resolve(folder, path);
  const segments = path.split('/');
  const firstMagic = segments.findIndex((segment) => magic.test(segment));
  const parent = resolve(folder, ...segments.slice(0, firstMagic));
  return [parent.replace(/[*?[\]{}()!+@|\\]/g, '\\$&'), ...segments.slice(firstMagic)].join('/');
}

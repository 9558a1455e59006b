// Job file text -> plain value, with the place of every key and value for messages. YAML 1.2 core schema: no custom tags,
// no duplicate keys, one document, a mapping at the top, and aliases that cannot blow up.
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, visit } from 'yaml';
import { isMapping, type Mapping, type Path } from './overrides.ts';

/** Counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface JobFile {
  readonly value: Mapping;
  /** Where the key of a path stands (an item of a list: the item); for a path that is not there, what encloses it. */
  readonly placeOf: (path: Path) => Place;
  /** True for text written without quotes, which YAML would read as a number if it looked like one. */
  readonly isPlain: (path: Path) => boolean;
}

export interface SyntaxProblem {
  /** Undefined when the whole file is meant. */
  readonly place?: Place;
  readonly message: string;
}

const mostAliases = 100;

/** Reads a job file's text. Every syntax problem is returned, in the order of the file. */
export function parseJobFile(text: string): JobFile | readonly SyntaxProblem[] {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { prettyErrors: false, lineCounter });
  if ('empty' in documents || documents[0].contents === null) {
    const errors = 'empty' in documents ? [] : documents[0].errors;
    if (errors.length === 0) return [{ message: 'the job file is empty' }];
  }
  const placeAt = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: col };
  };
  const [document, second] = documents as readonly Document.Parsed[];
  if (second !== undefined) {
    return [{ place: placeAt(second.range[0]), message: 'a job file holds one document; remove what follows the ---' }];
  }
  const faults = faultsOf(document);
  if (faults.length > 0) {
    const lines = text.split('\n');
    return faults.map(({ offset, message }) => {
      const place = placeAt(offset);
      return { place, message: `${message}${templateHint(lines[place.line - 1] ?? '', message)}` };
    });
  }

  const value = plainValue(document);
  if (typeof value === 'string') return [{ message: value }];
  if (!isMapping(value.plain)) {
    const place = placeAt(document.contents!.range[0]);
    return [{ place, message: 'a job file is a mapping of keys to values, such as "model:" and "dataset:"' }];
  }
  return {
    value: value.plain,
    placeOf: (path) => {
      const { key, value } = nearestNode(document, path);
      return placeAt((key ?? value).range![0]);
    },
    isPlain: (path) => {
      const { value, depth } = nearestNode(document, path);
      return depth === path.length && isScalar(value) && value.type === 'PLAIN';
    },
  };
}

interface Fault {
  readonly offset: number;
  readonly message: string;
}

/** What YAML, or a job file, does not allow, in the order of the file. */
function faultsOf(document: Document.Parsed): readonly Fault[] {
  const faults: Fault[] = [...document.errors, ...document.warnings].map((fault) => ({
    offset: fault.pos[0],
    message: inWords(fault),
  }));
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return;
      faults.push({ offset: alias.range![0], message: `there is no &${alias.source} above for this alias` });
    },
    Pair: (_, { key }) => {
      if (isScalar(key) || isAlias(key)) return;
      const message = 'a key must be text; a value that begins with {{ stands in quotes';
      faults.push({ offset: (key as Node).range![0], message });
      return visit.SKIP;
    },
  });
  return faults.toSorted((a, b) => a.offset - b.offset);
}

function plainValue(document: Document.Parsed): { readonly plain: unknown } | string {
  try {
    const plain: unknown = document.toJS({ maxAliasCount: mostAliases });
    return isCircular(plain, []) ? 'an alias (*name) stands inside the value it names' : { plain };
  } catch (error) {
    if (error instanceof ReferenceError)
      return `aliases (*name) repeat more than ${mostAliases} values; write them out`;
    throw error;
  }
}

function isCircular(value: unknown, parents: readonly unknown[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (parents.includes(value)) return true;
  return Object.values(value).some((inner) => isCircular(inner, [...parents, value]));
}

function inWords({ code, message }: { readonly code: string; readonly message: string }): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'this key is already given above';
    case 'TAG_RESOLVE_FAILED':
      return `${message.replace(/^Unresolved tag: /, 'unknown tag ')}; tags have no meaning in a job file`;
    case 'TAB_AS_INDENT':
      return 'a tab cannot indent; use spaces';
    default:
      return `not YAML: ${message}`;
  }
}

function templateHint(line: string, message: string): string {
  const holdsTemplate = line.includes('{{') || line.includes('${');
  return holdsTemplate && !message.includes('quotes')
    ? '; a template inside { } or at the start of a value stands in quotes'
    : '';
}

interface Found {
  readonly key: Node | null;
  readonly value: Node;
  readonly depth: number;
}

function nearestNode(document: Document.Parsed, path: Path): Found {
  let found: Found = { key: null, value: document.contents!, depth: 0 };
  for (const name of path) {
    const parent = isAlias(found.value) ? found.value.resolve(document)! : found.value;
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(name))
      : undefined;
    const item = isSeq(parent) ? (parent.items[Number(name)] as Node | undefined) : pair?.value;
    const key = (pair?.key ?? null) as Node | null;
    if (item === undefined && key === null) break;
    found = { key, value: (item ?? key) as Node, depth: found.depth + 1 };
  }
  return found;
}

// Which columns to propose for an input when there are more than it takes: the names that ids and targets go by come last.
// Only for a proposal that a person reads; nothing is bound by it.

const wholeNames =
  /^_*(id|key|index|uuid|guid|row|row_?(number|id)|unnamed: \d+|target|label|class|y|outcome|split|fold)_*$/i;
const lastWords = /([_\s-](id|uuid|guid|key)|[a-z](Id|ID))$/;

/**
 * The columns to feed (`count`, null: any number) and those to keep beside them, in the order of the file. None are to keep
 * when names do not tell enough of them.
 */
export function likelyFeatures(
  columns: readonly string[],
  count: number | null,
): { readonly feed: readonly string[]; readonly keep: readonly string[] } {
  const features = columns.filter((name) => !isSeldomFed(name));
  const others = columns.filter(isSeldomFed);
  const fed = new Set(count === null ? features : [...features, ...others].slice(0, count));
  const keep = columns.filter((name) => !fed.has(name));
  return { feed: columns.filter((name) => fed.has(name)), keep: keep.every(isSeldomFed) ? keep : [] };
}

const isSeldomFed = (name: string): boolean => wholeNames.test(name) || lastWords.test(name);

// Quoting for DuckDB's SQL. Nothing reaches a statement unquoted except the job's own expressions.

/** `"name"`: an identifier. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** `'text'`: a string literal. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** `['a', 'b']`: a list of string literals. */
export const quoteTexts = (texts: readonly string[]): string => `[${texts.map(quoteText).join(', ')}]`;

/** A path as a literal that no reader expands as a glob: DuckDB has no escape, so the special letters become one-letter classes. */
export const quotePath = (path: string): string => quoteText(globOf(path));

/** The glob that matches a path and nothing else. */
export const globOf = (path: string): string => path.replace(/[*?[]/g, '[$&]');

/** `['a', 'b']` of literal paths. */
export const quotePaths = (paths: readonly string[]): string => `[${paths.map(quotePath).join(', ')}]`;

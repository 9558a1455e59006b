// The rejects of a run by reason: how many, in which columns, and the first of each as examples.

export interface ListedReject {
  readonly shard: string;
  /** From 0 within the shard. */
  readonly row: number;
  readonly reason: string;
  readonly column: string | null;
  readonly message: string;
  readonly content: string | null;
}

export interface RejectsOfReason {
  readonly reason: string;
  readonly rows: number;
  /** Most frequent first; null: no column is to blame. */
  readonly columns: readonly (readonly [column: string | null, rows: number])[];
  readonly examples: readonly ListedReject[];
}

/** By the number of rows, most first. */
export type RejectsSummary = readonly RejectsOfReason[];

const mostExamples = 3;
const mostColumns = 20;
const mostContentLetters = 400;
const mostMessageLetters = 300;

interface Seen {
  rows: number;
  readonly columns: Map<string | null, number>;
  readonly examples: ListedReject[];
}

/** Takes rejects one by one, in the order in which they are listed. */
export class RejectsCount {
  readonly #reasons = new Map<string, Seen>();

  add(reject: ListedReject): void {
    const { reason, column } = reject;
    const seen: Seen = this.#reasons.get(reason) ?? { rows: 0, columns: new Map(), examples: [] };
    this.#reasons.set(reason, seen);
    seen.rows++;
    seen.columns.set(column, (seen.columns.get(column) ?? 0) + 1);
    if (seen.examples.length === mostExamples) return;
    const { content, message } = reject;
    seen.examples.push({
      ...reject,
      message: cut(message, mostMessageLetters),
      content: content === null ? null : cut(content, mostContentLetters),
    });
  }

  summary(): RejectsSummary {
    return [...this.#reasons]
      .map(([reason, { rows, columns, examples }]) => ({
        reason,
        rows,
        columns: [...columns].sort(([a, m], [b, n]) => n - m || ((a ?? '') < (b ?? '') ? -1 : 1)).slice(0, mostColumns),
        examples,
      }))
      .sort((one, other) => other.rows - one.rows || (one.reason < other.reason ? -1 : 1));
  }
}

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

// Finds the rows of a split that end the engine process when they are scored, by halving. Whoever kills from outside at the
// same time can mislead the search but not the verdict: a row is to blame only when it ends the engine twice, all alone.

export interface IsolationRequest {
  readonly rows: number;
  /** Whether the engine ends when it scores the rows whose place lies in [from, to) and no others. */
  readonly dies: (from: number, to: number) => Promise<boolean>;
  /** The same, where an engine that only stands still is given all the time that it may take. */
  readonly diesForSure: (from: number, to: number) => Promise<boolean>;
  readonly reject: (place: number) => Promise<void>;
  readonly isStopped: () => boolean;
}

/** Rejects each row that ends the engine, in order, and returns how many there were. The rows together must have ended it. */
export async function isolateRows(request: IsolationRequest): Promise<number> {
  const { dies, diesForSure, reject, isStopped } = request;

  /** `haveDied`: these rows, and no others, have just ended it. */
  const search = async (from: number, to: number, haveDied: boolean): Promise<number> => {
    if (isStopped() || from === to) return 0;
    if (to - from === 1) {
      const isToBlame = (haveDied || (await dies(from, to))) && (await diesForSure(from, to));
      if (!isToBlame || isStopped()) return 0;
      await reject(from);
      return 1;
    }
    const middle = (from + to) >> 1;
    const isFirstHalf = await dies(from, middle);
    const found = isFirstHalf ? await search(from, middle, true) : 0;
    if (isStopped()) return found;
    // What the first half does not do the second must, if any single row does: it need not be tried as a whole.
    const isSecondHalf = !isFirstHalf || (await dies(middle, to));
    return found + (isSecondHalf ? await search(middle, to, isFirstHalf) : 0);
  };
  return search(0, request.rows, false);
}

// "Did you mean ...?": the closest of the known names, by Damerau-Levenshtein distance (optimal string alignment), letter case counting half.

/** The known name nearest to `name`, or undefined when nothing resembles it (more than a third of its letters differ). */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  // Of a single letter nothing would be left.
  let bestDistance = Math.min(Math.max(1, Math.floor(name.length / 3)) + 0.5, name.length - 0.25);
  for (const candidate of known) {
    const distance = distanceBetween(name, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function distanceBetween(from: string, to: string): number {
  if (from.toLowerCase() === to.toLowerCase()) return from === to ? 0 : 0.5;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const sameLetter = same || from[row - 1].toLowerCase() === to[column - 1].toLowerCase();
      const substitution = last[column - 1] + (same ? 0 : sameLetter ? 0.5 : 1);
      let cost = Math.min(substitution, last[column] + 1, current[column - 1] + 1);
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, beforeLast[column - 2] + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length];
}

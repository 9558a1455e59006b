// What finds the records of a text, whatever its format: the cut between formats and the pass over the bytes.

export interface RecordScanner {
  /** Takes the next block; gives the offsets in it at which records begin, ascending. Valid until the next block. */
  push(block: Buffer): Int32Array;
  /** Offset in the text at which a quote was opened that is still open, or undefined. */
  readonly openQuote: number | undefined;
}

/** A record as it stands in its file. */
export interface TextRecord {
  /** Offset of its first byte in the file. */
  readonly byte: number;
  /** Its bytes, one to a letter (latin1), without the line ends after it. */
  readonly text: string;
}

/** The records of blocks that begin at `startByte`, a block's worth at a time. */
export async function* recordsOf(
  blocks: AsyncIterable<Buffer>,
  scanner: RecordScanner,
  startByte: number,
): AsyncGenerator<TextRecord[], void, undefined> {
  let open: { byte: number; pieces: Buffer[] } | undefined;
  let position = startByte;
  const closed = (): TextRecord[] => {
    if (open === undefined) return [];
    const text = open.pieces.length === 1 ? open.pieces[0] : Buffer.concat(open.pieces);
    return [{ byte: open.byte, text: withoutLineEnd(text.toString('latin1')) }];
  };
  for await (const block of blocks) {
    const begins = scanner.push(block);
    const records: TextRecord[] = [];
    if (begins.length === 0) open?.pieces.push(Buffer.from(block));
    else {
      if (begins[0] > 0) open?.pieces.push(block.subarray(0, begins[0]));
      records.push(...closed());
      for (let i = 0; i + 1 < begins.length; i++) {
        records.push({
          byte: position + begins[i],
          text: withoutLineEnd(block.toString('latin1', begins[i], begins[i + 1])),
        });
      }
      const last = begins[begins.length - 1];
      open = { byte: position + last, pieces: [Buffer.from(block.subarray(last))] };
    }
    position += block.length;
    yield records;
  }
  yield closed();
}

/** Line ends and the blank lines after a record are not part of it. */
export const withoutLineEnd = (text: string): string => {
  let end = text.length;
  while (end > 0 && (text.charCodeAt(end - 1) === 10 || text.charCodeAt(end - 1) === 13)) end--;
  return end === text.length ? text : text.slice(0, end);
};

// The alphabet of byte-level tokenizers: each byte of UTF-8 is written as one visible character.
// Source of the table: bytes_to_unicode of GPT-2.

const letters: readonly string[] = (() => {
  const isVisible = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 255 && byte !== 173);
  let others = 0;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isVisible(byte) ? byte : 256 + others++));
})();

export function byteLetters(text: string): string {
  let result = '';
  for (const byte of Buffer.from(text)) result += letters[byte];
  return result;
}

// Numbers for people: thousands separated, sizes in decimal units, shares as whole percents.

/** `1,234,567`; below 100 one decimal where there is one, below 10 two. */
export function formatNumber(value: number): string {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

/** `999 bytes`, `12.3 MB`: units of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  if (bytes < 1000) return `${bytes} byte${bytes === 1 ? '' : 's'}`;
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toLocaleString('en-US', { maximumSignificantDigits: 3 })} ${units[unit]}`;
}

/** `83 %`, never rounded up to all or down to nothing: `99 %`, `<1 %`. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.01) return '<1 %';
  if (share < 1) return `${Math.min(99, Math.round(share * 100))} %`;
  return '100 %';
}

/** `1 row`, `3 rows`, `1,000 rows`. */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

// Numbers of the data, which may be of any size, with four digits at the most; and times that count from the start of a run.

/** Made once: a page has thousands of numbers, and making one of these takes longer than all else that is done to a number. */
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 12 });

/** `0.1235`, `12,346`, `1.2e-7`, `3.1e+12`; `-` for what is not there. */
export function formatValue(value: number | null, digits = 4): string {
  if (value === null) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e12 || size < 1e-4) {
    const [mantissa, exponent] = value.toExponential(Math.min(2, digits - 1)).split('e');
    return `${Number(mantissa)}e${exponent}`;
  }
  const wholeDigits = size >= 1 ? Math.floor(Math.log10(size)) + 1 : 0;
  return grouped.format(Number(value.toPrecision(Math.max(digits, wholeDigits))));
}

/** `0.0 %`, `12.3 %`, `<0.1 %`. */
export function formatPercent(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %';
  const percent = (100 * part) / whole;
  if (percent < 0.1) return '<0.1 %';
  if (part < whole && percent > 99.9) return '>99.9 %';
  return `${Number(percent.toFixed(1))} %`;
}

/** The times of an axis, told apart by as many digits as they need: `0.2 s`, `15 s`, `5 min`, `2 h`. */
export function formatMoment(ms: number, stepMs: number): string {
  if (ms === 0) return '0';
  if (stepMs >= 3_600_000) return `${Number((ms / 3_600_000).toFixed(1))} h`;
  if (stepMs >= 60_000) return `${Number((ms / 60_000).toFixed(1))} min`;
  if (stepMs < 100) return `${Math.round(ms)} ms`;
  return `${Number((ms / 1000).toFixed(stepMs < 1000 ? 1 : 0))} s`;
}

/** For axes: `0`, `950`, `12k`, `1.5M`, `3G`. */
export function formatShort(value: number): string {
  const units = ['', 'k', 'M', 'G', 'T'];
  let unit = 0;
  let size = Math.abs(value);
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return size >= 1000 ? formatValue(value, 3) : `${value < 0 ? '-' : ''}${Number(size.toPrecision(3))}${units[unit]}`;
}

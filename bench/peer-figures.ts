// What other programs take for the same work, measured apart from the suite and kept in bench/figures/peers.json: the table of
// them, which docs/performance.md and the README both show.
import { formatTable } from './format-table.ts';
import { wrapLines } from './wrap-lines.ts';

/** Seconds. Where only the range is known, there is no median. */
export interface PeerTime {
  readonly median?: number;
  readonly fastest?: number;
  readonly slowest?: number;
}

/** Plain data, as it is kept in a file. */
export interface PeerFigures {
  /** YYYY-MM-DD */
  readonly date: string;
  /** Sentences: the machine and its versions, how it was measured, and what each program is. */
  readonly conditions: string;
  /** The columns, ours first. */
  readonly programs: readonly string[];
  readonly workloads: readonly {
    readonly name: string;
    /** By program; one that was not measured is left out. */
    readonly seconds: Readonly<Record<string, PeerTime>>;
  }[];
}

export function peerTable({ programs, workloads }: PeerFigures): string {
  return formatTable(
    ['workload', ...programs],
    workloads.map(({ name, seconds }) => [name, ...programs.map((program) => formatTime(seconds[program]))]),
  );
}

export const peerConditions = ({ date, conditions }: PeerFigures): string =>
  wrapLines(`Measured on ${date}: ${conditions}`);

function formatTime({ median, fastest, slowest }: PeerTime = {}): string {
  const range = fastest === undefined || slowest === undefined ? '' : `${digits(fastest)} to ${digits(slowest)}`;
  if (median === undefined) return range === '' ? '' : `${range} s`;
  return range === '' ? `${digits(median)} s` : `${digits(median)} s (${range})`;
}

/** Two digits below a second, where one would be a step of over a tenth; as many as were measured. */
const digits = (seconds: number): string => (seconds < 1 ? String(Number(seconds.toFixed(2))) : seconds.toFixed(1));

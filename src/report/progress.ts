// Turns events and time into lines: a live line on a terminal, a plain line now and then elsewhere, JSON for log collectors.
// It prints nothing itself: `write` takes the text. Rates begin with the first scored batch and look back 30 seconds, so
// neither start-up nor splits of an earlier execution enter them; when nothing moves, the line says for how long.
import type { EngineRestarted, Progress, RunEvent, RunStarted } from '../core/event.ts';
import { formatDuration } from './format-duration.ts';
import { counted, formatNumber, formatShare } from './format-number.ts';

export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** Whether `write` ends at a terminal. */
  readonly terminal: boolean;
  /** Columns of the terminal now. */
  readonly width?: () => number;
  readonly format?: 'text' | 'json';
  readonly quiet?: boolean;
  /** Milliseconds since 1970, never going back. */
  readonly nowMs?: () => number;
}

export interface ProgressView {
  /** Takes an event as it happens. */
  observe(event: RunEvent): void;
  /** To be called about once a second: keeps times moving while no event comes. */
  tick(): void;
  /** Takes the live line away, for good or until the next event. */
  clear(): void;
}

interface Sample {
  readonly timeMs: number;
  readonly rowsDone: number;
}

const windowMs = 30_000;
const sampleMs = 500;
const redrawMs = 100;
const firstLineMs = 10_000;
const lineMs = 30_000;
const stalledMs = 60_000;

export function progressView(options: ProgressOptions): ProgressView {
  if (options.quiet === true) return { observe() {}, tick() {}, clear() {} };
  return new Lines(options);
}

class Lines implements ProgressView {
  readonly #write: (text: string) => void;
  readonly #width: () => number;
  readonly #nowMs: () => number;
  readonly #live: boolean;
  readonly #json: boolean;
  #run: RunStarted | undefined;
  #progress: Progress = { event: 'progress', rowsDone: 0, rejected: 0 };
  #samples: Sample[] = [];
  #startedMs = 0;
  #movedMs = 0;
  #scoring = false;
  #drawn = false;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #lineMs = Number.NEGATIVE_INFINITY;
  #lineTenth = 0;

  constructor({
    write,
    terminal,
    width = () => 80,
    format = 'text',
    nowMs = () => performance.timeOrigin + performance.now(),
  }: ProgressOptions) {
    this.#write = write;
    this.#width = width;
    this.#nowMs = nowMs;
    this.#json = format === 'json';
    this.#live = terminal && !this.#json;
  }

  observe(event: RunEvent): void {
    if (event.event === 'progress') {
      this.#advance(event);
      this.tick();
      return;
    }
    if (event.event === 'run-started') this.#start(event);
    if (event.event === 'committing' || event.event === 'run-finished') this.#scoring = false;
    const text = this.#json ? this.#jsonOf(event) : textOf(event);
    if (text !== undefined || !this.#scoring) this.clear();
    if (text !== undefined) this.#write(`${text}\n`);
    this.tick();
  }

  tick(): void {
    if (!this.#scoring) return;
    const nowMs = this.#nowMs();
    if (this.#live) {
      if (nowMs - this.#drawnMs < redrawMs && this.#drawn) return;
      this.#draw(nowMs);
    } else if (this.#isLineDue(nowMs)) {
      this.#lineMs = nowMs;
      this.#lineTenth = this.#tenth();
      this.#write(`${this.#json ? this.#jsonOf(this.#figures(nowMs)) : this.#text(nowMs)}\n`);
    }
  }

  clear(): void {
    if (!this.#drawn) return;
    this.#write('\r\x1b[2K');
    this.#drawn = false;
  }

  #start(run: RunStarted): void {
    const nowMs = this.#nowMs();
    this.#run = run;
    this.#progress = { event: 'progress', rowsDone: run.resumedRows, rejected: 0 };
    this.#samples = [];
    this.#startedMs = nowMs;
    this.#movedMs = nowMs;
    this.#lineTenth = this.#tenth();
    this.#scoring = true;
  }

  #advance(progress: Progress): void {
    const nowMs = this.#nowMs();
    const moved = progress.rowsDone - this.#progress.rowsDone;
    this.#progress = progress;
    if (moved === 0) return;
    this.#movedMs = nowMs;
    // Rows of a failed attempt are taken back: what was measured before no longer counts.
    if (moved < 0) this.#samples = [];
    const beforeLast = this.#samples.at(-2);
    if (beforeLast !== undefined && nowMs - beforeLast.timeMs < sampleMs) this.#samples.pop();
    this.#samples.push({ timeMs: nowMs, rowsDone: progress.rowsDone });
    while (this.#samples.length > 2 && this.#samples[1].timeMs <= nowMs - windowMs) this.#samples.shift();
  }

  /** Over the samples of the window; undefined until two of them lie apart in time. */
  #rowsPerSecond(nowMs: number): number | undefined {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.timeMs === first.timeMs) return undefined;
    // While the next batch is under way the last sample's time is the honest end; when it is overdue, now is.
    const endMs = nowMs - last.timeMs > windowMs ? nowMs : last.timeMs;
    return (last.rowsDone - first.rowsDone) / ((endMs - first.timeMs) / 1000);
  }

  #figures(nowMs: number) {
    const rows = this.#run?.rows ?? 0;
    const { rowsDone, rejected } = this.#progress;
    const rowsPerSecond = this.#rowsPerSecond(nowMs);
    const secondsLeft =
      rowsPerSecond === undefined || rowsPerSecond <= 0 ? undefined : (rows - rowsDone) / rowsPerSecond;
    const share = rows > 0 ? rowsDone / rows : 1;
    return { event: 'progress' as const, rows, rowsDone, rejected, share, rowsPerSecond, secondsLeft };
  }

  #text(nowMs: number): string {
    const { rows, rowsDone, rejected, share, rowsPerSecond, secondsLeft } = this.#figures(nowMs);
    const parts = [
      `${formatShare(Math.floor(share * 100) / 100)}`,
      `${formatNumber(rowsDone)} of ${counted(rows, 'row')}`,
    ];
    if (rowsPerSecond !== undefined) parts.push(`${formatNumber(rowsPerSecond)} rows/s`);
    if (secondsLeft !== undefined && rowsDone < rows) parts.push(`${formatDuration(secondsLeft * 1000)} left`);
    if (rejected > 0) parts.push(`${formatNumber(rejected)} rejected`);
    if (nowMs - this.#movedMs >= stalledMs) parts.push(`nothing finished for ${formatDuration(nowMs - this.#movedMs)}`);
    return parts.join(', ');
  }

  #draw(nowMs: number): void {
    const text = this.#text(nowMs).slice(0, Math.max(1, this.#width() - 1));
    this.#write(`\r\x1b[2K${text}`);
    this.#drawn = true;
    this.#drawnMs = nowMs;
  }

  #isLineDue(nowMs: number): boolean {
    if (nowMs - this.#startedMs < firstLineMs) return false;
    const sinceMs = nowMs - this.#lineMs;
    return sinceMs >= lineMs || (sinceMs >= firstLineMs && this.#tenth() > this.#lineTenth);
  }

  #tenth(): number {
    const rows = this.#run?.rows ?? 0;
    return rows > 0 ? Math.floor((this.#progress.rowsDone / rows) * 10) : 0;
  }

  #jsonOf(event: { readonly event: string }): string {
    const run = this.#run === undefined ? {} : { runId: this.#run.runId };
    return JSON.stringify({ time: new Date(this.#nowMs()).toISOString(), ...run, ...event });
  }
}

/** The line of an event that is worth one. */
function textOf(event: RunEvent): string | undefined {
  switch (event.event) {
    case 'run-started':
      return startedText(event);
    case 'notice':
      return event.text;
    case 'warning':
      return `warning: ${event.text}`;
    case 'engine-restarted':
      return restartedText(event);
    case 'committing':
      return `publishing ${counted(event.rows, 'row')} in ${counted(event.parts, 'part')}`;
    case 'split-finished':
    case 'progress':
    case 'run-finished':
      return undefined;
  }
}

function restartedText({ cause, restarts, splits }: EngineRestarted): string {
  const times = `${counted(restarts, 'time')} so far`;
  if (splits.length === 0) return `warning: the engine process ended as it was started (${cause}), ${times}`;
  const scored = `${splits.length === 1 ? 'split' : 'splits'} ${splits.join(', ')} will be scored again`;
  return `warning: the engine process ended (${cause}) and was restarted, ${times}; ${scored}`;
}

function startedText(run: RunStarted): string {
  const work = `${run.job}: ${counted(run.rows, 'row')} in ${counted(run.shards, 'shard')}, ${counted(run.splits, 'split')}`;
  const means =
    `${counted(run.workers, 'worker')} x ${counted(run.threadsPerWorker, 'thread')}, ` +
    `batches of ${counted(run.batchRows, 'row')}, run ${run.runId}`;
  if (run.resumedSplits === 0) return `${work}; ${means}`;
  return `${work}, of which ${counted(run.resumedSplits, 'split')} with ${counted(run.resumedRows, 'row')} are done already; ${means}`;
}

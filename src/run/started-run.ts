// A run as the library hands it out: a promise of the result that can be iterated over for what happens meanwhile.
import type { RunEvent } from '../core/event.ts';
import type { RunResult } from './run-result.ts';

/**
 * A run that has been started. `await` gives its result. `for await` gives its events, in their order, and ends when the run
 * has ended; where the run rejects, the loop throws the same error. A loop that is begun in the same tick as the run sees
 * every event. Leaving a loop does not stop the run: that is what its `signal` is for.
 */
export interface StartedRun extends Promise<RunResult>, AsyncIterable<RunEvent> {}

/** Starts a run, and hands its events to whoever iterates. */
export function startedRun(start: (observe: (event: RunEvent) => void) => Promise<RunResult>): StartedRun {
  const readers = new Set<EventReader>();
  const running = start((event) => {
    for (const reader of readers) reader.take(event);
  });
  const iterate = (): AsyncIterator<RunEvent> => {
    const reader = new EventReader(() => readers.delete(reader));
    readers.add(reader);
    // A rejection reaches whoever iterates, so it is not unhandled when nobody awaits the run as well.
    running.then(
      () => reader.end(),
      (error: unknown) => reader.end({ error }),
    );
    return reader;
  };
  return Object.assign(running, { [Symbol.asyncIterator]: iterate });
}

/** Events wait here for a slow reader. Of reports of progress only the last is kept, so what waits is bounded by the splits. */
class EventReader implements AsyncIterator<RunEvent> {
  readonly #waiting: RunEvent[] = [];
  readonly #asked: PromiseWithResolvers[] = [];
  readonly #leave: () => void;
  #ended: { readonly error?: unknown } | null = null;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  take(event: RunEvent): void {
    const first = this.#asked.shift();
    if (first !== undefined) first.resolve({ done: false, value: event });
    else if (event.event === 'progress' && this.#waiting.at(-1)?.event === 'progress')
      this.#waiting.splice(-1, 1, event);
    else this.#waiting.push(event);
  }

  end(how: { readonly error?: unknown } = {}): void {
    this.#ended = how;
    this.#leave();
    // Those who asked have seen all there was.
    for (const [place, asked] of this.#asked.splice(0).entries()) {
      if (place === 0 && 'error' in how) asked.reject(this.#takeError());
      else asked.resolve({ done: true, value: undefined });
    }
  }

  next(): Promise<IteratorResult<RunEvent>> {
    const event = this.#waiting.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#ended === null) return new Promise((resolve, reject) => this.#asked.push({ resolve, reject }));
    if ('error' in this.#ended) return Promise.reject(this.#takeError());
    return Promise.resolve({ done: true, value: undefined });
  }

  return(): Promise<IteratorResult<RunEvent>> {
    this.#waiting.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** An error is thrown once; after it, as after the last event, there is nothing more. */
  #takeError(): unknown {
    const error = this.#ended?.error;
    this.#ended = {};
    return error;
  }
}

interface PromiseWithResolvers {
  readonly resolve: (result: IteratorResult<RunEvent>) => void;
  readonly reject: (error: unknown) => void;
}

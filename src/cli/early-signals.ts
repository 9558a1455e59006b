// Signals that come before a command listens for them, or to one that never does. By default they end a process, but the kernel
// keeps them from process 1 of a container, which would go on as if nobody had asked.
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
export type StopSignalName = keyof typeof exitCodes;
export const stopSignalNames = Object.keys(exitCodes) as readonly StopSignalName[];

const end = (signal: NodeJS.Signals): void => process.exit(exitCodes[signal as StopSignalName]);

/** From now on, and until `listenInstead`, each of them ends the process with the code that schedulers know. */
export function endOnSignals(): void {
  for (const name of stopSignalNames) process.off(name, end).on(name, end);
}

/** Gives the signals to a listener of a command; the function that is returned takes them back. */
export function listenInstead(listener: (signal: NodeJS.Signals) => void): () => void {
  for (const name of stopSignalNames) process.on(name, listener).off(name, end);
  return () => {
    for (const name of stopSignalNames) process.off(name, listener);
    endOnSignals();
  };
}

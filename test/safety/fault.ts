// What fault-point.mjs is told, and what it noted: the faults of a sweep as plain values.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CliOptions } from '../run-cli.ts';

export const roles = ['supervisor', 'engine', 'worker'] as const;
export type Role = (typeof roles)[number];

/** A place in a run: an operation on the output folder or a message to another process, numbered by each process from 1. */
export interface Step {
  readonly role: Role;
  readonly step: number;
  /** `rename manifest.json`, `write the second half of ledger.jsonl`, `send start`. */
  readonly label: string;
}

export interface Fault {
  /** `count` writes every step to the log and changes nothing; `hold` waits until the file `go` is there. */
  readonly action: 'count' | 'hold' | 'SIGKILL' | 'SIGTERM' | 'SIGINT' | 'SIGSTOP';
  readonly at?: Pick<Step, 'role' | 'step'> | (Pick<Step, 'role' | 'label'> & { readonly times?: number });
  /** Whom a signal is sent to; `other` is the engine for the supervisor, and the supervisor for the engine. */
  readonly victims?: 'self' | 'other' | 'both';
  readonly go?: string;
  /** A folder that takes what is synced: all that a power cut would leave. */
  readonly durable?: string;
}

/** Options of `runCli` under which a run that writes to `out` meets the fault; the log is beside the output. */
export function withFault(out: string, fault: Fault): CliOptions {
  return {
    environment: {
      NODE_OPTIONS: `--import=${resolve(import.meta.dirname, 'fault-point.mjs')}`,
      FAULT_POINT: JSON.stringify({
        root: out,
        log: logOf(out),
        engines: enginesLogOf(out),
        at: {},
        victims: 'self',
        ...fault,
      }),
    },
  };
}

/** The lines that the processes of runs to `out` noted: steps when counting, otherwise faults that did happen. */
export const notedOf = (out: string): readonly string[] => linesOf(logOf(out));

/** The steps that a counting run noted. */
export const stepsOf = (out: string): readonly Step[] =>
  notedOf(out).map((line) => {
    const [role, step, ...label] = line.split(' ');
    return { role: role as Role, step: Number(step), label: label.join(' ') };
  });

/** The engine processes of runs to `out` that met a fault and are still there. */
export const enginesLeft = (out: string): readonly number[] =>
  linesOf(enginesLogOf(out))
    .map(Number)
    .filter((pid) => existsSync(`/proc/${pid}`));

const logOf = (out: string): string => join(out, '../faults.log');
const enginesLogOf = (out: string): string => join(out, '../engines.log');

const linesOf = (path: string): readonly string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];

// What a run has when its job is loaded: when it was started, whom it tells, and engines.
import type { Engine } from '../engine/engine.ts';
import type { Progress } from './progress.ts';

export interface Start {
  readonly wallMs: number;
  readonly clockMs: number;
  readonly progress: Progress;
  readonly newEngine: () => Engine;
  /** An engine that is being started; undefined where none seemed to be needed. The caller ends it. */
  readonly early: Engine | undefined;
}

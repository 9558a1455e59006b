// ONNX Runtime threads of one worker, as a number.
import type { Job } from './schema.ts';

/** `auto` is 1: where the model is too large for that, the number is put into the job before anything is opened. */
export const threadsOf = ({ threadsPerWorker }: Pick<Job['run'], 'threadsPerWorker'>): number =>
  threadsPerWorker === 'auto' ? 1 : threadsPerWorker;

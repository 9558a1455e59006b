// Which rows the dry batch of preflight is made of; the supervisor asks for tamer ones when the first kill the engine.

/** The rows that are tried, the most telling first: the first of the dataset, a made-up one of zeros and empty texts, or none. */
export const dryRowKinds = ['first', 'blank', 'none'] as const;
export type DryRows = (typeof dryRowKinds)[number];

// Why an image cannot be used: what makes its row a reject.

export type ImageReason =
  | 'image-missing'
  | 'image-outside'
  | 'image-remote'
  | 'image-too-large'
  | 'image-size'
  | 'image-undecodable';

export interface RefusedRow {
  readonly reason: ImageReason;
  readonly message: string;
}

export const refused = (reason: ImageReason, message: string): RefusedRow => ({ reason, message });

export const isRefused = (value: object): value is RefusedRow => 'reason' in value;

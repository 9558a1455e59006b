// How text becomes token numbers, with every setting decided: a plain value that preflight makes and workers carry out.
import type { TokenPart } from '../job/text-schema.ts';
import type { Truncation } from './truncate.ts';

export interface TextPlan {
  readonly kind: 'text';
  readonly tokenizerPath: string;
  /** null: a row has as many tokens as its text makes. */
  readonly truncation: Truncation | null;
  /** Every row is filled up to this many tokens; null: rows have their own lengths, see the padding of their inputs. */
  readonly length: number | null;
  readonly padding: Padding;
  /** What each input takes, in the order of the inputs. */
  readonly parts: readonly TokenPart[];
}

export interface Padding {
  readonly id: number;
  readonly typeId: number;
  readonly side: 'left' | 'right';
}

/** What a part is filled up with where a row has no token. */
export function paddingValue(part: TokenPart, { id, typeId }: Padding): number {
  if (part === 'ids') return id;
  return part === 'types' ? typeId : 0;
}

// `scoremill explain [CODE]`: what exit codes and failures mean.
import type { ExplainArguments } from './arguments.ts';
import { explain } from './explain.ts';
import { writeData } from './output.ts';

export function explainCommand({ code }: ExplainArguments): number {
  writeData(`${explain(code)}\n`);
  return 0;
}

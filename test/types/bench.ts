// A workbench for the tests of one file, in a folder that is gone when they are over.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openWorkbench, type Workbench } from './score-shard.ts';

/** To be called at the top of a test file; the bench is there when its tests run. */
export function withBench(): () => Workbench {
  let bench: Workbench | undefined;
  beforeAll(async () => {
    bench = await openWorkbench(mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-types-')));
  });
  afterAll(() => {
    bench!.close();
    rmSync(bench!.folder, { recursive: true });
  });
  return () => bench!;
}

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';

interface Proto {
  readonly temporal: {
    readonly api: {
      readonly history: { readonly v1: { readonly History: { decode(bytes: Buffer): object } } };
    };
  };
}

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// The SDK's own: its reader of histories in JSON fails with "type must be a Type" (1.24.0), so they
// are kept as bytes, in base64.
const { temporal } = createRequire(import.meta.resolve('@temporalio/worker'))(
  '@temporalio/proto',
) as Proto;

function readHistory(name: string): object {
  const text = readFileSync(pathOf(`../fixtures/histories/${name}.b64`), 'utf8');
  return temporal.api.history.v1.History.decode(Buffer.from(text, 'base64'));
}

// A worker of this release takes over what one of a release before began: it must come to the same
// commands. Recorded: three pages and the end, `rpl_1`.
test('a replay that began before its history was bounded goes on', async () => {
  const logger = new DefaultLogger('ERROR');
  const workflowsPath = pathOf('../../workflows/index.ts');
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
  const replaying = Worker.runReplayHistory(
    { workflowBundle },
    readHistory('replay-unbounded'),
    'rpl_1',
  );
  await expect(replaying).resolves.toBeUndefined();
});

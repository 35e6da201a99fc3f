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
// commands.
test.each([
  // Three pages and the end.
  ['a replay that began before its history was bounded', 'replay-unbounded', 'rpl_1'],
  // Before runs were guarded, or left their row as cancelled: an automation, and an expression that failed.
  ['a trigger run', 'trigger-run-succeeded', 'run_01a223209a1975f0a04a5eff3246dd3f'],
  ['a trigger run that fails', 'trigger-run-failed', 'run_01a22320c2507f3fb7d2a1279c909155'],
  // Before a delivery could be poked: the first attempt, the second, and none was taken.
  ['a delivery', 'delivery-first', 'dlv_first'],
  ['a delivery that is made again', 'delivery-second', 'dlv_second'],
  ['a delivery that dies', 'delivery-dead', 'dlv_dead'],
])('%s goes on', async (_, name, workflowId) => {
  const replaying = Worker.runReplayHistory(
    { workflowBundle: await workflowBundle },
    readHistory(name),
    workflowId,
  );
  await expect(replaying).resolves.toBeUndefined();
});

const workflowBundle = bundleWorkflowCode({
  workflowsPath: pathOf('../../workflows/index.ts'),
  logger: new DefaultLogger('ERROR'),
});

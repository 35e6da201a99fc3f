import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openClient } from '../../src/runtime/temporal.ts';

/** Nobody listens there. */
const away = { address: '127.0.0.1:9', namespace: 'default', apiKey: undefined };

describe('openClient()', () => {
  test('closed while calls wait for their repeat ends them, and nothing throws where nobody can catch it', async () => {
    const client = openClient(away);
    const asked = Promise.allSettled(
      [20, 60, 100].map(async (ms) => {
        await sleep(ms);
        await client.workflowService.getSystemInfo({});
      }),
    );
    await sleep(500); // Each has failed and waits to be repeated.
    await client.connection.close();
    const late = client.workflowService.getSystemInfo({}).catch((error: unknown) => error);
    const ends = await Promise.race([asked, sleep(10_000, 'never')]);
    expect(ends).toEqual(
      [1, 2, 3].map(() => ({
        status: 'rejected',
        reason: expect.objectContaining({
          message: expect.stringContaining('Channel has been shut down') as string,
        }) as Error,
      })),
    );
    expect(await late).toBeInstanceOf(Error);
  });
});

import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RejectionReason } from '../../src/domain/channel.ts';
import type { RejectedRequest } from '../../src/domain/rejected-request.ts';
import { openIntegrations } from '../../src/runtime/first-setup.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { makeRejectedRequestKeeper } from '../../src/runtime/rejected-requests.ts';
import type { RejectedRequestKeeper } from '../../src/runtime/rejected-requests.ts';
import { makeSealer } from '../../src/runtime/sealing.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabase } from '../support/database.ts';

let db: Knex;
let keeper: RejectedRequestKeeper;
let tenantId: string;
let flooded: string;
let quiet: string;
let warnings: Record<string, unknown>[];

beforeEach(async () => {
  db = await freshDatabase();
  const sealer = makeSealer(randomBytes(32));
  tenantId = (await ensureTenant(db, 'default', makeId('ten'))).id;
  const made = await openIntegrations({ db, sealer, earlierApiKey: undefined }, tenantId);
  [flooded, quiet] = [made.github.id, made.gitlab.id];
  warnings = [];
  const write = (line: string): void => void warnings.push(JSON.parse(line));
  keeper = makeRejectedRequestKeeper({ db, sealer, log: pino({ level: 'warn' }, { write }) });
});
afterEach(async () => {
  vi.useRealTimers();
  await keeper.close();
  await db.destroy();
});

interface Sent {
  readonly reason?: RejectionReason;
  readonly bodyBytes?: number;
}

function keep(
  integrationId: string,
  { reason = 'signature_mismatch', bodyBytes = 2 }: Sent = {},
): void {
  const body = Buffer.alloc(bodyBytes, 'x');
  const rejected: RejectedRequest = {
    id: makeId('rej'),
    tenantId,
    integrationId,
    channel: 'github',
    triggerId: null,
    receivedAt: new Date(),
    rejection: { kind: 'rejected', reason, detail: 'd' },
    headers: {},
    query: '',
    body: body.subarray(0, 65_536),
    original: { method: 'POST', query: '', headers: [], body },
  };
  keeper.keep(rejected);
}

const times = (count: number, act: () => void): void => {
  for (let made = 0; made < count; made += 1) act();
};

async function kept(integration_id: string): Promise<{ body_bytes: number; is_whole: boolean }[]> {
  await keeper.close();
  const rows = await db('rejected_requests').where({ integration_id });
  return rows.map(({ body_bytes, sealed }) => ({ body_bytes, is_whole: sealed !== null }));
}

describe('makeRejectedRequestKeeper()', () => {
  test('a flood at one integration leaves room for the rejections of others', async () => {
    times(1000, () => keep(flooded));
    keep(quiet);
    expect(await kept(quiet)).toHaveLength(1);
    expect(await kept(flooded)).toHaveLength(21); // One is written at once, twenty may wait.
  });

  test('large ones at one integration leave room for those of others', async () => {
    times(100, () => keep(flooded, { bodyBytes: 1_048_576 }));
    times(3, () => keep(quiet, { bodyBytes: 1_048_576 }));
    expect(await kept(quiet)).toHaveLength(3);
    expect((await kept(flooded)).length).toBeLessThan(6);
  });

  test('one that is too large to be kept whole takes no room for what is not kept', async () => {
    times(4, () => keep(flooded, { bodyBytes: 26_214_400 }));
    expect(await kept(flooded)).toEqual(
      Array.from({ length: 4 }, () => ({ body_bytes: 26_214_400, is_whole: false })),
    );
  });

  test('warns of a flood once a minute, with the count', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    times(1021, () => keep(flooded));
    expect(warnings).toMatchObject([{ requests: 1, integration_ids: [flooded] }]);
    vi.advanceTimersByTime(60_000);
    expect(warnings).toMatchObject([{ requests: 1 }, { requests: 999 }]);
    vi.advanceTimersByTime(600_000);
    expect(warnings).toHaveLength(2);
    vi.useRealTimers();
    expect(await kept(flooded)).toHaveLength(21);
  });

  test('tells what it had not told yet when it is closed', async () => {
    times(31, () => keep(flooded));
    await keeper.close();
    expect(warnings).toMatchObject([{ requests: 1 }, { requests: 9 }]);
  });

  test.each(['body_too_large', 'method_not_allowed'] as const)(
    'does not keep %s',
    async (reason) => {
      keep(flooded, { reason });
      keep(flooded);
      expect(await kept(flooded)).toHaveLength(1);
    },
  );
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sendSample } from '../support/sender.ts';
import { serveIngress } from './served-ingress.ts';
import type { ServedIngress } from './served-ingress.ts';

let world: ServedIngress;
beforeEach(async () => {
  world = await serveIngress();
});
afterEach(() => world.close());

const secret = 'a-secret-of-somebody';

interface Entry {
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: unknown;
}

/** The audit log, oldest first; what was done by anyone but the key of the tests is not in it. */
async function audit(): Promise<[string, string, unknown][]> {
  const { body, text } = await world.call('GET', '/v1/audit-log?limit=200');
  expect(text).not.toContain(secret);
  const entries = (body['data'] as Entry[]).filter(({ actor }) => actor.startsWith('key_'));
  return entries
    .map(({ action, subject, detail }): [string, string, unknown] => [action, subject, detail])
    .toReversed();
}

async function make(): Promise<{ id: string; secretId: string }> {
  const made = await world.call('POST', '/v1/integrations', {
    channel: 'gitlab',
    scheme: 'secret_token',
    secrets: { secret_token: secret },
  });
  const { id, secrets } = made.body as { id: string; secrets: { id: string }[] };
  return { id, secretId: secrets[0]?.id ?? '' };
}

describe('the audit log of integrations', () => {
  test('has who made, changed, switched off and deleted one, never a secret', async () => {
    const { id } = await make();
    await world.call('PATCH', `/v1/integrations/${id}`, { tolerance_s: 60, description: null });
    await world.call('PATCH', `/v1/integrations/${id}`, { state: 'disabled' });
    await world.call('DELETE', `/v1/integrations/${id}`);
    expect(await audit()).toEqual([
      [
        'integration.create',
        id,
        { channel: 'gitlab', mode: 'native', scheme: 'secret_token', kinds: ['secret_token'] },
      ],
      ['integration.change', id, { tolerance_s: 60, description: null }],
      ['integration.change', id, { state: 'disabled' }],
      ['integration.delete', id, {}],
    ]);
  });

  test('has who rotated and revoked a secret, and which', async () => {
    const { id, secretId } = await make();
    const path = `/v1/integrations/${id}/secrets`;
    const { body } = await world.call('POST', path, { value: `${secret}-2`, overlap_s: 60 });
    expect((await world.call('DELETE', `${path}/${secretId}`)).status).toBe(204);
    const rotated = { secret_id: body['id'], kind: 'secret_token', overlap_s: 60 };
    expect((await audit()).slice(1)).toEqual([
      ['integration.rotate_secret', id, rotated],
      ['integration.revoke_secret', id, { secret_id: secretId }],
    ]);
  });

  test('has nothing of what was refused, and nothing of a change of nothing', async () => {
    const { id } = await make();
    const path = `/v1/integrations/${id}`;
    const refused = await Promise.all([
      world.call('POST', '/v1/integrations', { channel: 'wecom' }),
      world.call('PATCH', path, { scheme: 'basic' }),
      world.call('PATCH', '/v1/integrations/int_none', { state: 'disabled' }),
      world.call('DELETE', '/v1/integrations/int_none'),
      world.call('POST', `${path}/secrets`, { value: '' }),
      world.call('DELETE', `${path}/secrets/sec_none`),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([422, 422, 404, 404, 422, 404]);
    expect((await world.call('PATCH', path, {})).status).toBe(200);
    expect(await audit()).toMatchObject([['integration.create', id, {}]]);
  });
});

describe('the audit log of rejected requests', () => {
  const reject = async (deliveryId: string, count: number): Promise<string> => {
    const { github } = world.integrations;
    const sent = { channel: 'github', sample: 'push', deliveryId } as const;
    const url = `${world.api.origin}/v1/webhook/github/${github.id}`;
    await sendSample(url, sent, { ...github, secrets: { secret } });
    const [newest] = await world.rejected(count);
    return String(newest?.['id']);
  };
  const mend = async () =>
    world.call('POST', `/v1/integrations/${world.integrations.github.id}/secrets`, {
      value: secret,
    });

  test('has who released one and what it became, once, and nothing of what stays rejected', async () => {
    const id = await reject('d-1', 1);
    const path = `/v1/rejected-requests/${id}/release`;
    expect((await world.call('POST', path, {})).status).toBe(422);
    await mend();
    const { body } = await world.call('POST', path, { ignore_time: true });
    await world.call('POST', path, {});
    expect((await audit()).slice(1)).toEqual([
      [
        'rejected_request.release',
        id,
        { event_id: body['event_id'], status: 'accepted', ignore_time: true },
      ],
    ]);
  });

  test('has each one of a release in bulk', async () => {
    const ids = [await reject('d-1', 1), await reject('d-1', 2)];
    await mend();
    await world.call('POST', '/v1/rejected-requests/release', { filter: {} });
    const released = (await audit()).slice(1);
    expect(released.map(([action]) => action)).toEqual([
      'rejected_request.release',
      'rejected_request.release',
    ]);
    expect(released.map(([, id]) => id).toSorted()).toEqual(ids.toSorted());
    expect(released.map(([, , detail]) => detail)).toMatchObject([
      { status: 'accepted', ignore_time: false },
      { status: 'duplicate', ignore_time: false },
    ]);
  });
});

import { createPublicKey, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEndpointSecrets, deliveryHeaders } from '../../src/runtime/delivery-request.ts';
import { makeSealer } from '../../src/runtime/sealing.ts';
import { makeEndpointSecret } from '../../src/runtime/signature.ts';
import { addEndpoint } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

const sealer = makeSealer(Buffer.alloc(32, 7));
let api: ServedApi;
beforeAll(async () => {
  api = await serveApi({ sealer, makeEndpointSecret });
});
afterAll(async () => api.close());

const rotate = (id: string, body: object) => api.call('POST', `/v1/endpoints/${id}/secrets`, body);
const end = (id: string, secretId: unknown) =>
  api.call('DELETE', `/v1/endpoints/${id}/secrets/${String(secretId)}`);

const body = Buffer.from('{"type":"session.archived"}');

/** The headers that an attempt would carry now. */
async function headersOf(endpointId: string): Promise<Record<string, string>> {
  const startedAt = new Date();
  return deliveryHeaders({
    webhookId: 'dlv_1',
    eventType: 'session.archived',
    body,
    traceparent: null,
    secrets: await openEndpointSecrets({ db: api.db, sealer }, endpointId, startedAt),
    userAgent: 'test',
    number: 1,
    startedAt,
  });
}

/** Whether any of the signatures is one of Ed25519 under this public key. */
function verifiesWith(publicKey: string, headers: Record<string, string>): boolean {
  const x = Buffer.from(publicKey.replace('whpk_', ''), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const signed = Buffer.from(`dlv_1.${headers['webhook-timestamp']}.${body.toString()}`);
  const given = (headers['webhook-signature'] ?? '').split(' ');
  return given
    .filter((item) => item.startsWith('v1a,'))
    .some((item) => verify(null, signed, key, Buffer.from(item.slice(4), 'base64')));
}

describe('endpointSecretRoutes()', () => {
  test('of ten secrets another one is made only where it ends those of its kind', async () => {
    const id = await addEndpoint(api);
    await rotate(id, { kind: 'ed25519' });
    for (let count = 3; count <= 10; count += 1) {
      expect((await rotate(id, {})).status).toBe(201);
    }
    const refused = await rotate(id, { overlap_hours: 1 });
    expect(refused).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/overlap_hours' }] },
    });
    expect((await rotate(id, { kind: 'ed25519' })).status).toBe(422);
    expect((await rotate(id, { overlap_hours: 0 })).status).toBe(201);
    expect((await rotate(id, { overlap_hours: 1 })).status).toBe(201);
  });

  test('an ed25519 key signs as v1a beside the shared secret, and only its public half is shown', async () => {
    const id = await addEndpoint(api);
    const shared = await rotate(id, { overlap_hours: 0 });
    expect(shared.body).toMatchObject({ kind: 'hmac', public_key: null });
    const { body: made, status } = await rotate(id, { kind: 'ed25519' });
    expect({ status, made }).toMatchObject({
      status: 201,
      made: { kind: 'ed25519', secret: null, expires_at: null },
    });
    const headers = await headersOf(id);
    expect(verifiesWith(String(made['public_key']), headers)).toBe(true);
    expect(headers['x-webhook-signature']?.split(',')).toHaveLength(1);
    expect(() =>
      new Webhook(String(shared.body['secret'])).verify(body.toString(), headers),
    ).not.toThrow();
    const listed = await api.call('GET', `/v1/endpoints/${id}/secrets`);
    expect(listed.text).toContain(String(made['public_key']));
    expect(listed.text).not.toContain('whsk_');
  });

  test('rotating one kind leaves the other alone', async () => {
    const id = await addEndpoint(api);
    const { body: first } = await rotate(id, { kind: 'ed25519' });
    await rotate(id, { overlap_hours: 0 });
    expect(verifiesWith(String(first['public_key']), await headersOf(id))).toBe(true);
    const { body: second } = await rotate(id, { kind: 'ed25519', overlap_hours: 0 });
    const headers = await headersOf(id);
    expect(verifiesWith(String(first['public_key']), headers)).toBe(false);
    expect(verifiesWith(String(second['public_key']), headers)).toBe(true);
  });

  test('a kind that there is not is refused', async () => {
    const id = await addEndpoint(api);
    expect(await rotate(id, { kind: 'rsa' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/kind' }] },
    });
  });

  test('a secret can be ended at once, but for the last shared one', async () => {
    const id = await addEndpoint(api);
    const { body: key } = await rotate(id, { kind: 'ed25519' });
    const { body: shared } = await rotate(id, { overlap_hours: 24 });
    expect((await end(id, key['id'])).status).toBe(204);
    expect((await headersOf(id))['webhook-signature']).not.toContain('v1a');
    expect((await end(id, key['id'])).status).toBe(404);
    const before = (await api.call('GET', `/v1/endpoints/${id}/secrets`)).body['data'];
    const [, , oldest] = before as { id: string }[];
    expect((await end(id, oldest?.id)).status).toBe(204);
    expect(await end(id, shared['id'])).toMatchObject({
      status: 409,
      body: { type: '/problems/last-secret' },
    });
  });

  test("another tenant's secret is not there", async () => {
    const id = await addEndpoint(api);
    const { body: made } = await rotate(id, { kind: 'ed25519' });
    const key = await api.makeKey(['read', 'write']);
    const answer = await api.fetch(`/v1/endpoints/${id}/secrets/${String(made['id'])}`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${key}` },
    });
    expect(answer.status).toBe(404);
  });
});

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeEgress } from '../../src/runtime/egress.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
let refuseUrl: (raw: string) => string | undefined;
beforeAll(async () => {
  api = await serveApi({ refuseUrl: (raw) => refuseUrl(raw) });
});
afterAll(async () => api.close());

describe('the URL of an endpoint', () => {
  interface Case {
    readonly id: string;
    readonly url: string;
    readonly expect: 'allowed' | 'blocked';
    readonly stage?: 'save';
    readonly policy?: { readonly egress_allow: readonly string[] };
  }
  const { cases: all } = JSON.parse(readFileSync('test/fixtures/ssrf.json', 'utf8')) as {
    cases: Case[];
  };
  /** Nothing needs to be resolved to judge these. */
  const isLiteral = ({ url }: Case): boolean =>
    URL.canParse(url) && isIP(new URL(url).hostname.replaceAll(/[[\]]/g, '')) !== 0;

  test('what the corpus blocks is refused when it is saved, where no name is to be resolved', async () => {
    const judged = all.filter((one) => one.stage === 'save' || isLiteral(one));
    expect(judged.length).toBeGreaterThan(40);
    for (const one of judged) {
      refuseUrl = makeEgress(one.policy?.egress_allow ?? []).refuseTarget;
      const { url } = one;
      const answer = await api.call('POST', '/v1/endpoints', { url, event_types: ['*'] });
      const errors = (answer.body['errors'] ?? []) as { pointer: string }[];
      const told = [one.id, answer.status, errors.map(({ pointer }) => pointer)];
      const isBlocked = one.expect === 'blocked';
      expect(told).toEqual(isBlocked ? [one.id, 422, ['/url']] : [one.id, 201, []]);
    }
  }, 120_000);
});

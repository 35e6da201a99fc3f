import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { resolverOf } from '../../src/check-ssrf.ts';
import { EgressBlocked, makeEgress } from '../../src/runtime/egress.ts';
import type { Egress } from '../../src/runtime/egress.ts';

const answerSchema = z.union([z.string(), z.array(z.string())]);

const corpus = z
  .object({
    cases: z.array(
      z.object({
        id: z.string(),
        url: z.string(),
        expect: z.enum(['allowed', 'blocked']),
        why: z.string(),
        stage: z.literal('save').optional(),
        policy: z.object({ egress_allow: z.array(z.string()) }).optional(),
        resolver: z.record(z.string(), z.array(answerSchema)).optional(),
        redirect_to: z.string().optional(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync('test/fixtures/ssrf.json', 'utf8')));

type Case = (typeof corpus.cases)[number];

/** Redirects are the client's matter; a rebinding name is the test after this one. */
const judged = corpus.cases.filter(
  ({ id, redirect_to: redirect }) => redirect === undefined && id !== 'dns-rebind',
);

function failure(code: string): Error {
  return Object.assign(new Error(`getaddrinfo ${code}`), { code });
}

/** What becomes of a URL: refused when it is saved, or at the connection, or the address. */
async function outcomeOf(one: Case): Promise<string> {
  const egress = makeEgress(one.policy?.egress_allow ?? [], resolverOf(one));
  if (egress.refuseUrl(one.url) !== undefined) return 'refused';
  try {
    return await egress.resolve(new URL(one.url).hostname);
  } catch (error) {
    if (error instanceof EgressBlocked) return 'blocked';
    return error instanceof Error && 'code' in error ? 'unresolved' : `threw ${String(error)}`;
  }
}

async function isReachable(egress: Egress, host: string): Promise<boolean> {
  try {
    await egress.resolve(host);
    return true;
  } catch (error) {
    if (error instanceof EgressBlocked) return false;
    throw error;
  }
}

describe('makeEgress()', () => {
  test.each(judged.map((one) => [one.id, one.expect, one] as const))(
    'the case %s is %s',
    async (_, expected, one) => {
      const outcome = await outcomeOf(one);
      const blocked = one.stage === 'save' ? ['refused'] : ['refused', 'blocked', 'unresolved'];
      const isBlocked = blocked.includes(outcome);
      const isAddress = /^[0-9a-f.:]+$/.test(outcome);
      expect({ outcome, isBlocked, isAddress }).toMatchObject({
        isBlocked: expected === 'blocked',
        isAddress: expected === 'allowed',
      });
    },
  );

  test('a name that does not resolve is an error of its own, not blocked for ever', async () => {
    const egress = makeEgress([], () => Promise.reject(failure('ENOTFOUND')));
    await expect(egress.resolve('nx.customer.example')).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
  });

  test('a name is asked once per connection, and the answer that was judged is connected to', async () => {
    const answers = [['93.184.216.34'], ['127.0.0.1']];
    const egress = makeEgress([], () => Promise.resolve(answers.shift() ?? []));
    expect(await egress.resolve('rebind.customer.example')).toBe('93.184.216.34');
    expect(answers).toEqual([['127.0.0.1']]);
    await expect(egress.resolve('rebind.customer.example')).rejects.toThrow(EgressBlocked);
  });

  test('a name without an address is blocked', async () => {
    const egress = makeEgress([], () => Promise.resolve([]));
    await expect(egress.resolve('empty.customer.example')).rejects.toThrow(EgressBlocked);
  });

  test('the reason does not tell one blocked address from another', async () => {
    const egress = makeEgress([]);
    const messages = await Promise.all(
      ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1'].map(async (address) =>
        egress.resolve(address).catch(String),
      ),
    );
    expect(new Set(messages).size).toBe(1);
  });
});

describe('what lies just outside of a blocked range is reached', () => {
  test.each([
    ['0.255.255.255', '1.0.0.0'],
    ['10.0.0.0', '9.255.255.255'],
    ['10.255.255.255', '11.0.0.0'],
    ['100.64.0.0', '100.63.255.255'],
    ['100.127.255.255', '100.128.0.0'],
    ['127.0.0.0', '126.255.255.255'],
    ['127.255.255.255', '128.0.0.0'],
    ['169.254.0.0', '169.253.255.255'],
    ['169.254.255.255', '169.255.0.0'],
    ['172.16.0.0', '172.15.255.255'],
    ['172.31.255.255', '172.32.0.0'],
    ['192.0.0.0', '191.255.255.255'],
    ['192.0.2.255', '192.0.3.0'],
    ['192.88.99.0', '192.88.98.255'],
    ['192.168.255.255', '192.169.0.0'],
    ['198.18.0.0', '198.17.255.255'],
    ['198.19.255.255', '198.20.0.0'],
    ['198.51.100.0', '198.51.99.255'],
    ['203.0.113.255', '203.0.114.0'],
    ['224.0.0.0', '223.255.255.255'],
    ['64:ff9b::808:808', '64:ff9c::1'],
    ['64:ff9b:1::1', '64:ff9b:2::1'],
    ['100::1', '2606:4700::1'],
    ['2001:1ff::1', '2001:200::1'],
    ['2001:db8:ffff::1', '2001:db9::1'],
    ['2002:808:808::1', '2003::1'],
    ['3fff::1', '2600::1'],
  ])('%s is blocked, %s is not', async (inside, outside) => {
    const egress = makeEgress([]);
    await expect(egress.resolve(inside)).rejects.toThrow(EgressBlocked);
    expect(await egress.resolve(outside)).toBe(outside);
  });

  test.each(['fc00::1', 'fdff::1', 'fe80::1', 'febf::1', 'fec0::1', 'ff0e::1', '5f00::1', '::2'])(
    '%s is blocked',
    async (address) => {
      await expect(makeEgress([]).resolve(address)).rejects.toThrow(EgressBlocked);
    },
  );
});

describe('what EGRESS_ALLOW opens', () => {
  test.each([
    ['its own range', '10.20.0.0/16', '10.20.0.7', true],
    ['nothing beside it', '10.20.0.0/16', '10.21.0.7', false],
    ['one address', '10.9.9.9', '10.9.9.9', true],
    ['no address beside it', '10.9.9.9', '10.9.9.10', false],
    ['one address of IPv6', 'fd00::1', 'fd00::1', true],
    ['metadata not by everything', '0.0.0.0/0', '169.254.169.254', false],
    ['metadata not by a wider range', '169.0.0.0/8', '169.254.169.254', false],
    ['metadata by that very range', '169.254.0.0/16', '169.254.169.254', true],
    ['metadata by that very address', '169.254.169.254', '169.254.169.254', true],
    ['metadata in its mapped form not either', '0.0.0.0/0', '::ffff:169.254.169.254', false],
    ['metadata of IPv6 not by everything', '::/0', 'fd00:ec2::254', false],
    ['metadata of IPv6 not by a wider range', 'fd00::/8', 'fd00:ec2::254', false],
    ['metadata of IPv6 by that very range', 'fd00:ec2::/32', 'fd00:ec2::254', true],
  ])('%s: %s and %s', async (_, ...[allowed, address, isReached]) => {
    expect(await isReachable(makeEgress([allowed]), address)).toBe(isReached);
  });

  test.each([
    ['gerrit.corp.example', '10.9.9.9', true],
    ['GERRIT.corp.example', '10.9.9.9', true],
    ['evil.gerrit.corp.example', '10.9.9.9', false],
    ['corp.example', '10.9.9.9', false],
    ['gerrit.corp.example', '169.254.169.254', false],
    ['gerrit.corp.example', 'fd00:ec2::254', false],
  ])('of an exact name, "%s" at %s: %s', async (name, address, isReached) => {
    const egress = makeEgress(['Gerrit.corp.example'], () => Promise.resolve([address]));
    expect(await isReachable(egress, name)).toBe(isReached);
  });
});

describe('refuseUrl()', () => {
  const egress = makeEgress([]);

  test.each([
    ['https://hooks.customer.example/h?a=1', `https://hooks.customer.example/h?a=1 2`],
    ['https://hooks.customer.example/%0d', 'https://hooks.customer.example/\r'],
    ['HTTP://hooks.customer.example/', 'ftp://hooks.customer.example/'],
    ['https://hooks.customer.example/@', 'https://user@hooks.customer.example/'],
    ['https://hooks.customer.example:65535/', 'https://hooks.customer.example:65536/'],
    [`https://a.example/${'x'.repeat(2030)}`, `https://a.example/${'x'.repeat(2031)}`],
  ])('takes %s and refuses %s', (good, bad) => {
    expect(egress.refuseUrl(good)).toBeUndefined();
    expect(egress.refuseUrl(bad)).toMatch(/^The URL /);
  });

  test('does not repeat the password', () => {
    expect(egress.refuseUrl('https://user:hunter2@hooks.customer.example/')).not.toContain(
      'hunter2',
    );
  });
});

describe('refuseTarget()', () => {
  const strict = makeEgress([]);
  const open = makeEgress(['127.0.0.0/8', 'ci.internal']);

  test.each([
    ['http://127.0.0.1:8080/', 'https://93.184.215.14/'],
    ['http://localhost/', 'https://localhost.example.com/'],
    ['http://LOCALHOST./', 'https://example.com./'],
    ['http://[::1]/', 'http://[2606:4700::1111]/'],
    ['http://2130706433/', 'http://example.com:2130/'],
    ['http://postgres:5432/', 'https://postgres.example.com/'],
    ['http://metadata.google.internal/', 'https://internal.google.com/'],
    ['ftp://example.com/', 'https://example.com/ftp'],
  ])('refuses %s, not %s', (bad, good) => {
    expect(strict.refuseTarget(bad)).toMatch(/^The (address|URL) /);
    expect(strict.refuseTarget(good)).toBeUndefined();
  });

  test.each(['http://127.0.0.1/', 'http://localhost/', 'http://ci.internal/'])(
    'lets %s through where it is allowed, metadata never',
    (url) => {
      expect(open.refuseTarget(url)).toBeUndefined();
      expect(open.refuseTarget('http://169.254.169.254/')).toMatch(/^The address /);
    },
  );
});

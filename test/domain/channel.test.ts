import { describe, expect, test } from 'vitest';
import { findScheme, isStillValid, kindsOf, schemes } from '../../src/domain/channel.ts';

describe('isStillValid()', () => {
  const now = new Date('2026-03-01T12:00:00.000Z');

  test.each([
    ['without an end', null, true],
    ['a millisecond before its end', new Date('2026-03-01T12:00:00.001Z'), true],
    ['at its end', now, false],
    ['after its end', new Date('2026-03-01T11:59:59.999Z'), false],
  ])('of a secret %s is %j, %s', (_, expiresAt, isValid) => {
    expect(isStillValid(expiresAt, now)).toBe(isValid);
  });
});

describe('findScheme()', () => {
  const [secretToken, signingToken, platform] = schemes.gitlab;

  test.each([
    [{}, secretToken],
    [{ mode: 'native' }, secretToken],
    [{ scheme: 'signing_token' }, signingToken],
    [{ mode: 'native', scheme: 'signing_token' }, signingToken],
    [{ mode: 'platform' }, platform],
    [{ mode: 'platform', scheme: null }, platform],
    [{ scheme: null }, platform],
    [{ mode: 'platform', scheme: 'signing_token' }, undefined],
    [{ mode: 'native', scheme: null }, undefined],
    [{ mode: 'token' }, undefined],
    [{ scheme: '' }, undefined],
  ])('of GitLab with %j is the first that fits', (wanted, scheme) => {
    expect(findScheme('gitlab', wanted)).toBe(scheme);
  });
});

describe('kindsOf()', () => {
  test('has each kind of any scheme once, in order', () => {
    expect(kindsOf('gerrit')).toEqual(['token', 'password', 'platform']);
    expect(kindsOf('generic')).toEqual(['platform']);
  });
});

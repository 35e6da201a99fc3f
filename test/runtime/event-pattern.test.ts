import { describe, expect, test } from 'vitest';
import { matchesType } from '../../src/runtime/event-pattern.ts';

describe('matchesType()', () => {
  test.each([
    ['push', 'push', true],
    ['push', 'push.a', false],
    ['pull_request.*', 'pull_request.opened', true],
    ['pull_request.*', 'pull_request', false],
    ['pull_request.*', 'pull_request_review', false],
    ['*', 'anything', true],
  ])('"%s" and "%s": %s', (pattern, type, isMatch) => {
    expect(matchesType(pattern, type)).toBe(isMatch);
  });
});

import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/domain/nearest.ts';

describe('nearest()', () => {
  test.each([
    ['githib', 'github'],
    ['gtihub', 'github'],
    ['gitlab', 'gitlab'],
    ['gite', 'gitee'],
  ])('takes "%s" for "%s"', (word, meant) => {
    expect(nearest(word, ['github', 'gitlab', 'gitee', 'generic'])).toBe(meant);
  });

  test.each([
    ['another word', 'bitbucket', ['github', 'gitlab']],
    ['a short word, changed by more than half', 'foo', ['on', 'do']],
    ['no word', '', ['on', 'do']],
    ['no candidates', 'github', []],
  ])('has no suggestion for %s', (_, word, known) => {
    expect(nearest(word, known)).toBeUndefined();
  });
});

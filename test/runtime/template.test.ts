import { describe, expect, test } from 'vitest';
import { ExpressionError, scopeVariables } from '../../src/runtime/expression.ts';
import { checkTemplate, renderInput } from '../../src/runtime/template.ts';
import { scopeWith } from '../support/scope.ts';

const scope = scopeWith({
  number: 3,
  title: 'Fix',
  tags: ['a'],
  none: null,
  code: '${{ event.id }}',
});

describe('renderInput()', () => {
  test.each([
    ['a whole value keeps its type', '${{ int(body.number) }}', 3],
    ['a whole list too', '${{ body.tags }}', ['a']],
    ['null too', '${{ body.none }}', null],
    ['in a longer text it is text', 'PR ${{ body.number }}: ${{ body.title }}', 'PR 3: Fix'],
    ['a list in a text is JSON', 'tags ${{ body.tags }}', 'tags ["a"]'],
    ['null in a text is nothing', '[${{ body.none }}]', '[]'],
    ['a blank after it makes it text', '${{ body.number }} ', '3 '],
    ['text without it is as it was', 'a }} ${ {{ b', 'a }} ${ {{ b'],
    ['}} in quotes is no end', `\${{ "}}" + body.title + '}}' }}`, '}}Fix}}'],
    ['}} of a map in a map is no end', '${{ {"a": {"b": 1}} }}', { a: { b: 1 } }],
    ['an escaped quote does not end the quotes', '${{ "\\"}}" }}', '"}}'],
    ['what comes out is not evaluated again', '${{ body.code }}', '${{ event.id }}'],
    ['a number is as it was', 7, 7],
  ])('%s', (_, text, value) => {
    expect(renderInput({ text }, scope)).toEqual({ text: value });
  });

  test('renders in lists and maps', () => {
    const input = { list: [{ id: '${{ event.id }}' }, 1, null] };
    expect(renderInput(input, scope)).toEqual({ list: [{ id: 'evt_1' }, 1, null] });
  });

  test('a failure names the path and the expression', () => {
    expect(() => renderInput({ list: [{ a: '${{ body.other }}' }] }, scope)).toThrow(
      'with.list.0.a: "body.other": field not found: other',
    );
  });
});

describe('checkTemplate()', () => {
  test.each([
    ['is not closed', 'ab ${{ body.title', 3, /not closed/],
    ['is empty', '${{ }}', 4, /Syntax/],
    ['has a mistake', 'ab ${{ body.. }}', 11, /Syntax/],
    ['has its mistake in the second', '${{ body }} ${{ nope }}', 16, /Unknown variable "nope"/],
    ['has quotes that are not closed', '${{ "a }} b', 4, /Syntax/],
  ])('refuses an expression that %s, with its place in the text', (_, ...mistake) => {
    const [text, offset, message] = mistake;
    const check = (): void => checkTemplate(text, scopeVariables);
    expect(check).toThrow(ExpressionError);
    expect(check).toThrow(message);
    expect(check).toThrow(expect.objectContaining({ offset }));
  });
});

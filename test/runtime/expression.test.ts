import { describe, expect, test } from 'vitest';
import {
  compileCondition,
  compileExpression,
  ExpressionError,
} from '../../src/runtime/expression.ts';
import { scopeWith } from '../support/scope.ts';

const body = {
  number: 3,
  title: 'Fix',
  labels: ['a', 'b'],
  user: { 'log-in': 'lwei' },
  none: null,
};

function valueOf(source: string, of: unknown = body): unknown {
  return compileExpression(source).evaluate(scopeWith(of));
}

function errorOf(act: () => unknown): ExpressionError {
  try {
    act();
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error('No ExpressionError');
}

describe('compileExpression()', () => {
  test.each([
    ['body.number > 2', true],
    ['body.number + 1.0', 4],
    ['int(body.number) + 1', 4],
    ['has(body.title) && !has(body.other)', true],
    ["body.user['log-in']", 'lwei'],
    ['body.labels', ['a', 'b']],
    ["body.labels.exists(label, label == 'b')", true],
    ['body.none', null],
    ["headers['x-github-event'] + query.dry", 'push1'],
    ['event.replay', false],
    ['{"a": {1: body.title}}', { a: { '1': 'Fix' } }],
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740993', '9007199254740993'],
    ["b'abc'", 'YWJj'],
    ['timestamp(event.received_at)', '2026-06-01T12:00:00.500Z'],
    ["duration('1h')", '3600s'],
    ["body.title.matches('^F')", true],
  ])('%s gives plain JSON', (source, value) => {
    expect(valueOf(source)).toEqual(value);
  });

  test.each([
    ['body.number ==', 12, /^Syntax: found =/],
    ['body.number = 3', 12, /^Syntax: found =/],
    ["body.title == '\\x'", 0, /^Syntax: invalid literal or escape/],
    ['body.a == "é" && payload.b', 17, /Unknown variable "payload": there are event, body/],
    ['true && fetch("x")', 8, /Unknown function "fetch"/],
    ['_secret(1)', 0, /Unknown function "_secret"/],
    ['body.all(a, body.all(b, body.all(c, true)))', 0, /nested too deep: 2 levels/],
    [
      Array.from({ length: 5 }, () => 'body.all(a, body.all(b, a == b))').join(' && '),
      0,
      /within others: 4 are the limit/,
    ],
    [`${'('.repeat(51)}1${')'.repeat(51)}`, 50, /nested too deep: 50 levels/],
    [`'${'x'.repeat(4096)}'`, 4096, /too long: 4096/],
  ])('refuses %s and says where', (source, offset, message) => {
    const error = errorOf(() => compileExpression(source));
    expect(error.message).toMatch(message);
    expect(error.offset).toBe(offset);
  });

  test('a chain that overflows the stack is an error of the expression', () => {
    const source = `1${'+1'.repeat(2040)}`;
    const error = errorOf(() => compileExpression(source).evaluate(scopeWith({})));
    expect(error.message).toMatch(/complex/);
  });

  test('quotes no more than 120 characters', () => {
    const { message } = errorOf(() => compileExpression('z'.repeat(4000)));
    expect(message.length).toBeLessThan(200);
  });

  test.each([
    ['body.other', 4, 'field not found: other'],
    ['body.toString', 4, 'field not found: toString'],
    ['body.__proto__', 4, 'field not found: __proto__'],
    ['body.constructor', 4, 'field not found: constructor'],
    ['int(body.title)', 0, 'Fix'],
    ['type(body)', 0, 'no form'],
  ])('%s has no value, and says where', (source, offset, message) => {
    const error = errorOf(() => valueOf(source));
    expect(error.message).toContain(message);
    expect(error.offset).toBe(offset);
  });

  test('says what to write when a JSON number meets an int', () => {
    expect(errorOf(() => valueOf('body.number + 1')).message).toMatch(/double.*1\.0.*int\(/s);
  });

  test('a pattern that would backtrack for ever is linear', () => {
    const startedAt = performance.now();
    expect(valueOf("body.matches('(a+)+$')", `${'a'.repeat(5000)}!`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });

  test('a list is capped harder under two comprehensions', () => {
    const items = Array.from({ length: 201 }, () => 1);
    expect(valueOf('body.all(a, a == 1.0)', items)).toBe(true);
    expect(errorOf(() => valueOf('body.all(a, body.all(b, true))', items)).message).toMatch(
      /list of 201 items: 200 are the limit/,
    );
  });

  test('the limits of each expression hold for an event that was converted for another', () => {
    const scope = scopeWith(Array.from({ length: 201 }, () => 1));
    const [one, two] = ['body.all(a, a == 1.0)', 'body.all(a, body.all(b, true))'];
    expect(compileExpression(one).evaluate(scope)).toBe(true);
    expect(errorOf(() => compileExpression(two).evaluate(scope)).message).toMatch(/201 items/);
    expect(compileExpression(one).evaluate(scope)).toBe(true);
  });

  test('an event is converted once, however many expressions ask for it', () => {
    let reads = 0;
    const scope = scopeWith({
      get a() {
        reads += 1;
        return 1;
      },
    });
    for (const source of ['body.a == 1.0', 'body.a > 0.0', 'has(body.a)']) {
      expect(compileExpression(source).evaluate(scope)).toBe(true);
    }
    expect(reads).toBe(1);
    expect(compileExpression('body').evaluate({ ...scope, body: 2 })).toBe(2);
  });

  test('in a join the parts are variables, and one that has not come is an error', () => {
    const of = (body: unknown) => ({ ...scopeWith({}), parts: { mr: scopeWith(body) } });
    const expression = compileExpression('mr.body.id + mr.event.type', ['mr', 'ci']);
    expect(expression.evaluate(of({ id: 'a ' }))).toBe('a push');
    expect(errorOf(() => compileExpression('ci.body', ['mr', 'ci']).evaluate(of({}))).message).toBe(
      'The part "ci" has not come',
    );
    expect(errorOf(() => compileExpression('body', ['mr'])).message).toMatch(/there are mr$/);
    expect(errorOf(() => compileExpression('mr.body')).message).toMatch(/Unknown variable "mr"/);
  });

  test('what an expression does not look at cannot fail it', () => {
    expect(valueOf("event.type == 'push'", Array.from({ length: 10_001 }))).toBe(true);
  });
});

describe('compileCondition()', () => {
  test.each([
    ["body.title == 'Fix'", true],
    ['body.number > 3', false],
  ])('%s is %s', (source, hasMatched) => {
    expect(compileCondition(source)(scopeWith(body))).toBe(hasMatched);
  });

  test('a literal that is no bool is refused before any event', () => {
    expect(errorOf(() => compileCondition('"yes"')).message).toMatch(/bool/);
  });

  test.each([
    ['body.number', 'number'],
    ['body.none', 'null'],
    ['body.labels', 'list'],
  ])('%s is an error that names %s, never "no match"', (source, kind) => {
    const condition = compileCondition(source);
    expect(errorOf(() => condition(scopeWith(body))).message).toBe(
      `Must give a bool, and gave ${kind}`,
    );
  });

  test('a missing field is an error, never "no match"', () => {
    const condition = compileCondition('body.pull_request.draft');
    expect(errorOf(() => condition(scopeWith({}))).message).toBe('field not found: pull_request');
  });
});

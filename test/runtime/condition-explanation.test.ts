import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainCondition } from '../../src/runtime/condition-explanation.ts';
import { compileCondition } from '../../src/runtime/expression.ts';
import { scopeWith } from '../support/scope.ts';

const body = {
  action: 'closed',
  draft: true,
  open: false,
  number: 3,
  ref: 'refs/heads/main',
  labels: ['a', 'b'],
  text: 'a || b && (c',
  long: 'x'.repeat(500),
};

function explain(source: string) {
  return explainCondition(source, scopeWith(body));
}

const alternatives = Array.from({ length: 150 }, () => 'body.open==true').join(' || ');

function valuesOf(source: string): string[] {
  return explain(source).decisive.values.map(
    ({ expression, value }) => `${expression} is ${value}`,
  );
}

describe('explainCondition()', () => {
  test.each([
    ["body.action == 'opened' && body.draft", "body.action == 'opened'", 'false'],
    [
      "body.draft && (body.number > 2.0 && body.action == 'opened')",
      "body.action == 'opened'",
      'false',
    ],
    ['body.open || body.draft', 'body.draft', 'true'],
    ['!body.draft', 'body.draft', 'true'],
    ['!(body.open || body.draft) && true', 'body.draft', 'true'],
    ['body.open ? true : body.number > 9.0', 'body.number > 9.0', 'false'],
    ['body.draft ? false : true', 'body.draft', 'true'],
    ['body.draft ? (body.open ? true : false) : true', 'body.open', 'false'],
    ['body.open || body.number > 9.0', 'body.open || body.number > 9.0', 'false'],
    ["body.text == 'a || b && (c' && body.open", 'body.open', 'false'],
    ['body.text == r"a\\ || b" || body.open', 'body.text == r"a\\ || b" || body.open', 'false'],
    ['body.open // it is || true\n && body.draft', 'body.open // it is || true', 'false'],
    [
      "body.labels.exists(l, l == 'x' || l == 'y') && true",
      "body.labels.exists(l, l == 'x' || l == 'y')",
      'false',
    ],
    [
      "!body.open == true && body.action in ['opened', 'edited']",
      "body.action in ['opened', 'edited']",
      'false',
    ],
    ["{'a': body.open}['a'] && true", "{'a': body.open}['a']", 'false'],
    ['true', 'true', 'true'],
    ['  body.open  ', 'body.open', 'false'],
    ['body.gone && body.open', 'body.open', 'false'],
  ])('%s is decided by %s', (source, expression, outcome) => {
    const { decisive } = explain(source);
    expect(decisive).toMatchObject({ expression, outcome });
    expect(source.startsWith(expression, decisive.offset)).toBe(true);
  });

  test.each([
    ['groups', '('.repeat(49) + alternatives + ')'.repeat(49)],
    ['conjunctions', '(true && '.repeat(49) + alternatives + ')'.repeat(49)],
    ['choices', 'body.open ? true : '.repeat(150) + 'body.open'],
  ])('many layers of %s cost little more than to compile the whole', (_, source) => {
    const timeOnce = (act: () => unknown): number => {
      const begunAt = process.cpuUsage();
      act();
      return process.cpuUsage(begunAt).user;
    };
    // The middle of five: one that collects garbage is not meant.
    const timeOf = (act: () => unknown): number =>
      Array.from({ length: 5 }, () => timeOnce(act)).toSorted((a, b) => a - b)[2] ?? 0;
    compileCondition(source);
    const wholeUs = timeOf(() => compileCondition(source));
    expect(timeOf(() => explain(source))).toBeLessThan(12 * wholeUs); // Layer by layer it is above 30.
  });

  test.each([
    ['body.draft && body.gone.a == 1', 'body.gone.a == 1', /^failed: field not found: gone/],
    ['body.number && true', 'body.number', /^failed: Must give a bool, and gave number/],
    ['body.number + 1 > 1', 'body.number + 1 > 1', /^failed: .*double/s],
    ['body.draft &&', 'body.draft &&', /^failed: Syntax/],
  ])('%s has no value because of %s', (source, expression, outcome) => {
    const { value, failure, decisive } = explain(source);
    expect(value).toBeUndefined();
    expect(`failed: ${failure}`).toMatch(/^failed: ./);
    expect(decisive.expression).toBe(expression);
    expect(decisive.outcome).toMatch(outcome);
  });

  test.each([
    ["body.action == 'opened'", ['body.action is "closed"']],
    ["'opened' != body.action && body.number + 1.0 == 2.0", ['body.number + 1.0 is 4']],
    ["body.ref.startsWith('refs/tags')", ['body.ref is "refs/heads/main"']],
    ["body.labels.exists(l, l == 'c')", ['body.labels is ["a","b"]']],
    ["body.action == 'a' || body.number > 9.0", ['body.action is "closed"', 'body.number is 3']],
    ['size(body.labels) > 2', ['size(body.labels) is 2']],
    ['body.open', []],
  ])('%s tells the values %j', (source, values) => {
    expect(valuesOf(source)).toEqual(values);
  });

  test('a value is cut to 120 characters', () => {
    const [value = ''] = explain("body.long == 'a'").decisive.values.map((shown) => shown.value);
    expect(value).toBe(`"${'x'.repeat(118)}…`);
  });

  test('what only the whole may not look at is told of the whole', () => {
    const items = Array.from({ length: 300 }, () => 1);
    const source = 'body.all(a, a == 1.0) && body.all(a, body.all(b, true))';
    const { decisive } = explainCondition(source, scopeWith(items));
    expect(decisive.outcome).toMatch(/^failed: The event has a list of 300 items/);
  });

  test('the parts of a join are known by their names', () => {
    const scope = {
      ...scopeWith({}),
      parts: { mr: scopeWith({ id: 1 }), ci: scopeWith({ id: 2 }) },
    };
    const variables = ['event', 'body', 'mr', 'ci'];
    expect(explainCondition('mr.body.id == ci.body.id', scope, variables).decisive).toMatchObject({
      outcome: 'false',
      values: [
        { expression: 'mr.body.id', value: '1' },
        { expression: 'ci.body.id', value: '2' },
      ],
    });
  });
});

/** Boolean expressions of every shape, over operands that are true, false, no bool, or have no value. */
const expressions = fc.letrec<{ any: string }>((tie) => {
  const any = tie('any');
  const space = fc.constantFrom('', ' ', '\n');
  return {
    any: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom(
        'body.draft',
        'body.open',
        'true',
        'false',
        'body.gone',
        'body.number',
        'body.number == 3.0',
        "body.action != 'x ? y : z'",
        "body.text.contains('||')",
        "body.labels.all(l, l == 'a' && true)",
        '"a" in body.labels',
      ),
      fc
        .tuple(any, fc.constantFrom('&&', '||'), any, space)
        .map(([a, op, b, s]) => `${a}${s}${op}${s}${b}`),
      fc.tuple(any, space).map(([a, s]) => `(${s}${a}${s})`),
      any.map((a) => `!(${a})`),
      fc.tuple(any, any, any, space).map(([a, b, c, s]) => `(${a})${s}?${s}${b}${s}:${s}${c}`),
      fc.tuple(any, any).map(([a, b]) => `(${a}) == (${b})`),
    ),
  };
}).any;

describe('whatever explainCondition() says', () => {
  const scope = scopeWith(body);

  function outcomeOf(source: string): string {
    try {
      return String(compileCondition(source)(scope));
    } catch (error) {
      return `failed: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  test('agrees with the whole evaluation, and stands where it says', () => {
    fc.assert(
      fc.property(expressions, (source) => {
        const { value, failure, decisive } = explainCondition(source, scope);
        const whole = outcomeOf(source);
        expect(failure === null ? String(value) : `failed: ${failure}`).toBe(whole);
        const { expression, offset, outcome } = decisive;
        expect(source.slice(offset, offset + expression.length)).toBe(expression);
        expect(outcomeOf(expression)).toBe(outcome);
        expect(outcome.startsWith('failed')).toBe(whole.startsWith('failed'));
        // In its place the outcome itself makes the same whole.
        if (whole.startsWith('failed')) return;
        const again = `${source.slice(0, offset)}(${outcome})${source.slice(offset + expression.length)}`;
        expect(outcomeOf(again)).toBe(whole);
      }),
      { numRuns: 300 },
    );
  });
});

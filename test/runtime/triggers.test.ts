import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { automationNames } from '../../src/domain/automation-names.ts';
import type { TriggerAction } from '../../src/domain/trigger.ts';
import { dryRunTrigger } from '../../src/runtime/trigger-dry-run.ts';
import { loadTriggerFolder } from '../../src/runtime/trigger-folder.ts';
import { isConditionTrue, renderAction } from '../../src/runtime/triggers.ts';
import { definitionWith } from '../support/definition.ts';
import { scopeWith } from '../support/scope.ts';

function shown(action: TriggerAction): unknown {
  return renderAction(
    definitionWith({ action }),
    scopeWith({ id: 7, host: 'a.example', none: null }),
  );
}

describe('renderAction()', () => {
  test.each([
    [{ kind: 'workflow', name: 'x', with: { id: '${{ body.id }}' } } as const, { with: { id: 7 } }],
    [
      { kind: 'forward', url: 'https://${{ body.host }}/${{ body.id }}', with: null } as const,
      { url: 'https://a.example/7', with: null },
    ],
    [{ kind: 'session', name: 's', key: 'body.id', with: {} } as const, { key: '7' }],
    [{ kind: 'session', name: 's', key: null, with: {} } as const, { key: null }],
  ])('evaluates all of %o', (action, rendered) => {
    expect(shown(action)).toMatchObject(rendered);
  });

  test.each([
    [{ kind: 'emit', type: 'custom.a', with: { a: '${{ body.gone }}' } } as const, /^with\.a: /],
    [{ kind: 'forward', url: '${{ body.id }}', with: null } as const, /^do\.forward: .*gave 7/],
    [{ kind: 'session', name: 's', key: 'body.none', with: {} } as const, /^do\.key: Gives null/],
  ])('%o says where it failed', (action, message) => {
    expect(() => shown(action)).toThrow(message);
  });

  test('a run is held to its condition again', () => {
    const definition = definitionWith({ when: 'body.ok' });
    expect(() => renderAction(definition, scopeWith({ ok: false }))).toThrow(
      /^when: does not hold/,
    );
  });

  test('in a join the parts are variables', () => {
    const on = ['mr', 'ci'].map((as) => ({ source: 'github', events: ['push'], as, when: null }));
    const definition = definitionWith({
      on,
      join: { by: { mr: 'body.a', ci: 'body.a' }, withinMs: 1 },
      when: 'mr.body.a == ci.body.a',
      action: { kind: 'workflow', name: 'x', with: { a: '${{ ci.body.b }} of ${{ body.b }}' } },
    });
    const [mr, ci] = [scopeWith({ a: 1, b: 'one' }), scopeWith({ a: 1, b: 'two' })];
    const scope = { ...mr, parts: { mr, ci } };
    expect(isConditionTrue(definition, scope)).toBe(true);
    expect(renderAction(definition, scope)).toMatchObject({ with: { a: 'two of one' } });
  });
});

describe('the triggers of this repository', () => {
  /** What the triggers that fire do for a recorded event of GitHub. */
  async function actionsFor(type: string, sample: string): Promise<unknown[]> {
    const known = { automations: automationNames, refuseUrl: () => undefined };
    const { loaded, problems } = await loadTriggerFolder('triggers', known);
    expect(problems).toEqual([]);
    const body: unknown = JSON.parse(await readFile(`samples/github/${sample}.json`, 'utf8'));
    const { event, ...scope } = scopeWith(body);
    return loaded
      .map(({ definition }) => dryRunTrigger(definition, { ...scope, event: { ...event, type } }))
      .filter(({ fires, failure }) => fires || failure !== null)
      .map(({ action, failure }) => failure ?? action);
  }

  test('an opened pull request is reviewed', async () => {
    expect(await actionsFor('pull_request', 'pull_request')).toMatchObject([
      {
        kind: 'workflow',
        name: 'reviewPullRequest',
        with: {
          pr_url: 'https://github.com/acme-labs/checkout/pull/482',
          title: 'Retry payments with backoff',
          description: 'Retries are durable now. 已完成 ✅ – see “notes”.',
          additions: 120,
          changed_files: 4,
        },
      },
    ]);
  });

  test('a draft is not, until it is ready for review', async () => {
    expect(await actionsFor('pull_request', 'pull_request.draft')).toEqual([]);
    expect(await actionsFor('pull_request', 'pull_request.ready_for_review')).toHaveLength(1);
  });

  test('an issue is imported', async () => {
    expect(await actionsFor('issues', 'issues')).toMatchObject([
      { name: 'importIssues', with: { source: 'github', number: 77 } },
    ]);
  });

  test('a push starts nothing', async () => {
    expect(await actionsFor('push', 'push')).toEqual([]);
  });
});

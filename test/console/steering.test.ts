import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hasBrowser } from '../support/browser.ts';
import { openConsoleWorld } from './console-world.ts';
import type { ConsoleWorld } from './console-world.ts';

const storyMs = 120_000;
const soon = { timeout: 60_000, interval: 200 };

describe.skipIf(!hasBrowser)('steering deliveries in the console', () => {
  let world: ConsoleWorld;
  beforeAll(async () => {
    world = await openConsoleWorld({ schedule: '0s,1h' });
  }, storyMs);
  afterAll(() => world.close());

  const publish = async (type: string, data: object, count = 1): Promise<void> => {
    for (let number = 1; number <= count; number += 1) {
      const { status } = await world.call('POST', '/v1/events', { type, data });
      expect(status).toBe(202);
    }
  };
  const list = async (query: string): Promise<{ id: string }[]> =>
    (await world.call('GET', `/v1/deliveries?${query}`)).body['data'] as { id: string }[];
  const waitFor = async (query: string, count: number): Promise<{ id: string }[]> =>
    vi.waitUntil(async () => {
      const rows = await list(query);
      return rows.length === count && rows;
    }, soon);
  const auditOf = async (action: string): Promise<unknown> => {
    const { body } = await world.call('GET', `/v1/audit-log?action=${action}`);
    return body['data'];
  };
  const button = (page: Page | Locator, name: string | RegExp): Locator =>
    page.getByRole('button', { name, exact: true });
  const confirm = async (dialog: Locator, why: string, verb: string): Promise<void> => {
    await dialog.getByRole('textbox', { name: 'Why' }).fill(why);
    await button(dialog, verb).click();
    await dialog.waitFor({ state: 'hidden' });
  };

  test(
    'holds one back, releases it, sends it at once, cancels it and redrives it, and says what is not possible',
    async () => {
      world.consumer.always('/one', 500);
      const { id: endpointId } = await world.addEndpoint('/one', ['session.archived']);
      await publish('session.archived', { session_id: 'ses_1' });
      const [{ id } = { id: '' }] = await waitFor(`endpoint_id=${endpointId}&state=retrying`, 1);
      const page = await world.show(`/deliveries/${id}`);
      const says = async (words: string): Promise<void> =>
        page.getByRole('status').filter({ hasText: words }).first().waitFor();
      await says('Attempt 1 failed: Answered 500. Attempt 2 of 2: in ');
      expect(await button(page, 'Redrive').isDisabled()).toBe(true);

      await button(page, 'Hold').click();
      const holding = page.getByRole('dialog', { name: 'Hold the delivery back' });
      await confirm(holding, 'Their release', 'Hold');
      await says('Held back by a person');
      expect(await button(page, 'Attempt now').isDisabled()).toBe(true);
      expect(await button(page, 'Attempt now').getAttribute('title')).toBe('Held back: release it');
      expect(await button(page, 'Redrive').isDisabled()).toBe(false);

      await button(page, 'Release').click();
      await vi.waitUntil(() => world.consumer.at('/one').length === 2, soon);
      await says('Attempt 1 failed');
      await button(page, 'Cancel').click();
      const cancelling = page.getByRole('dialog', { name: 'Cancel the delivery' });
      await confirm(cancelling, 'Not wanted any more', 'Cancel');
      await says('Ended without another attempt');
      for (const name of ['Attempt now', 'Hold', 'Cancel']) {
        expect(await button(page, name).isDisabled()).toBe(true);
      }
      expect(await button(page, 'Hold').getAttribute('title')).toContain('redrive it');

      await button(page, 'Redrive').click();
      const redriving = page.getByRole('dialog', { name: 'Redrive the delivery' });
      await confirm(redriving, 'Wanted after all', 'Redrive');
      await vi.waitUntil(() => world.consumer.at('/one').length === 3, soon);
      await says('Attempt 1 failed');
      world.consumer.always('/one', 200);
      await button(page, 'Attempt now').click();
      await says('Delivered with attempt 2: Answered 200');
      expect(JSON.stringify(await auditOf('delivery.hold'))).toContain('Their release');
      expect(JSON.stringify(await auditOf('delivery.cancel'))).toContain('Not wanted any more');
      expect(JSON.stringify(await auditOf('delivery.redrive'))).toContain('Wanted after all');
      await page.context().close();
    },
    storyMs,
  );

  test(
    'holds the ones that are ticked and cancels all that match, and touches nothing until some are meant',
    async () => {
      world.consumer.always('/many', 500);
      const { id: endpointId } = await world.addEndpoint('/many', ['import.completed']);
      const data = { source: 'shop', count: 1, errors: [] };
      await publish('import.completed', data, 10);
      const of = `endpoint_id=${endpointId}`;
      await waitFor(`${of}&state=retrying`, 10);
      const page = await world.show('/deliveries');
      const many = page.getByRole('group', { name: 'Change many' });
      await page.getByRole('row').nth(3).waitFor();
      for (const name of ['Attempt now', 'Hold', 'Cancel', 'Redrive']) {
        expect(await button(many, name).isDisabled()).toBe(true);
      }

      await page.goto(`${world.url}/console/deliveries?${of}`);
      const ticks = page.getByRole('checkbox', { name: /^Select dlv_/ });
      await ticks.nth(2).waitFor();
      await ticks.nth(0).check();
      await ticks.nth(1).check();
      await button(many, 'Hold the 2 selected').click();
      const holding = page.getByRole('dialog', { name: 'Hold deliveries back' });
      await holding.getByText('It touches 2').waitFor();
      await holding.getByRole('textbox', { name: 'Why' }).fill('Maintenance of the shop');
      await button(holding, 'Hold 2').click();
      await button(holding, 'Close').last().click();
      await page.getByText('2 held').waitFor();
      await waitFor(`${of}&state=parked`, 2);
      await page.getByText('Held back by a person or a key').first().waitFor();

      await button(many, 'Cancel all that match').click();
      const cancelling = page.getByRole('dialog', { name: 'Cancel deliveries' });
      await cancelling.getByText('It touches 10').waitFor();
      await cancelling.getByRole('textbox', { name: 'Why' }).fill('The shop was closed');
      expect(await button(cancelling, 'Cancel 10').isDisabled()).toBe(true);
      await cancelling.getByRole('textbox', { name: 'Type 10 to go on' }).fill('10');
      await button(cancelling, 'Cancel 10').click();
      await button(cancelling, 'Close').last().click();
      await waitFor(`${of}&state=cancelled`, 10);
      expect(JSON.stringify(await auditOf('delivery.cancel'))).toContain('The shop was closed');

      await page.getByRole('link', { name: 'Show the cancelled' }).click();
      await button(many, 'Redrive all that match').waitFor();
      expect(await button(many, 'Hold all that match').getAttribute('title')).toBe(
        'Not possible for what is cancelled',
      );

      await page.goto(`${world.url}/console/settings/audit-log?action=delivery.cancel`);
      const entry = page.getByRole('row').filter({ hasText: 'The shop was closed' });
      await entry.getByText('Cancelled deliveries').waitFor();
      expect(await entry.getByRole('region', { name: 'The others' }).count()).toBe(0);
      await button(entry, 'and 5 more').click();
      const others = (await entry.getByRole('region', { name: 'The others' }).textContent()) ?? '';
      const cancelled = await list(`${of}&state=cancelled`);
      expect(cancelled.filter(({ id }) => others.includes(id))).toHaveLength(5);

      await page.goto(`${world.url}/console/`);
      await page.getByRole('link', { name: /endpoints failing/ }).click();
      await page.getByRole('row').filter({ hasText: '/many' }).waitFor();
      await page.context().close();
    },
    storyMs,
  );

  test(
    'says in whose line one waits and leads there, on a telephone too',
    async () => {
      world.consumer.always('/line', 500);
      const { status, body } = await world.call('POST', '/v1/endpoints', {
        url: `${world.consumer.url}/line`,
        event_types: ['tool.error'],
        order_by: 'data.session_id',
      });
      expect(status).toBe(201);
      const data = { tool_name: 'shell', error: 'failed', session_id: 'ses_line' };
      await publish('tool.error', data, 2);
      const of = `endpoint_id=${String(body['id'])}`;
      const [first] = await waitFor(`${of}&state=retrying`, 1);
      const [second] = await waitFor(`${of}&state=pending`, 1);
      const page = await world.show(`/deliveries/${second?.id}`, { width: 390 });
      await page.getByText('In line behind').waitFor();
      await page.getByText('ses_line').waitFor();
      expect(await button(page, 'Attempt now').getAttribute('title')).toBe(
        'In line: another of its key goes first',
      );
      const width = (): Promise<number> =>
        page.evaluate<number>('document.documentElement.scrollWidth');
      expect(await width()).toBeLessThanOrEqual(390);
      await page.getByRole('link', { name: 'another of its key' }).click();
      await page.waitForURL(`**/deliveries/${first?.id}`);
      await page.goto(`${world.url}/console/deliveries`);
      await page
        .getByRole('checkbox', { name: /^Select dlv_/ })
        .first()
        .waitFor();
      expect(await width()).toBeLessThanOrEqual(390);
      await page.context().close();
    },
    storyMs,
  );

  test('no page asked anybody else, ran what was not ours, or threw', () => {
    expect(world.browser.complaints).toEqual([]);
  });
});

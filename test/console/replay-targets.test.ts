import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hasBrowser } from '../support/browser.ts';
import { openConsoleWorld } from './console-world.ts';
import type { ConsoleWorld } from './console-world.ts';

/** In one turn of the page's event loop, as it happens to whoever is faster than a busy machine. */
const chooseTwoAtOnce = `{
  const button = [...document.querySelectorAll('button')].find((it) => it.textContent === 'Last hour');
  const select = document.querySelector('select:has(option[value="new"])');
  button.click();
  select.value = 'new';
  select.dispatchEvent(new Event('change', { bubbles: true }));
}`;

const form = '/integrations/webhooks/replays';

describe.skipIf(!hasBrowser)('where a replay sends, in the console', () => {
  let world: ConsoleWorld;
  let oldId: string;
  let newId: string;
  beforeAll(async () => {
    world = await openConsoleWorld({
      schedule: '0s', // One attempt: what is refused once is dead.
      environment: { QUOTA_EVENTS_PER_MINUTE: '600' },
    });
    oldId = (await world.addEndpoint('/old', ['custom.order'])).id;
    for (const data of [{ amount: 5 }, { amount: 500 }, { amount: 600 }, { amount: 700 }, {}]) {
      await world.call('POST', '/v1/events', { type: 'custom.order', data });
    }
    await vi.waitUntil(() => world.consumer.at('/old').length === 5, { timeout: 90_000 });
    newId = (await world.addEndpoint('/new', ['custom.order'])).id;
  }, 180_000);
  afterAll(() => world.close());

  /** What stands at a field, read from what the field says it is described by. */
  async function messageAt(field: Locator): Promise<string> {
    const ids = (await field.getAttribute('aria-describedby'))?.match(/\S+/g) ?? [];
    const texts = ids.map((id) => field.page().locator(`[id="${id}"]`).allTextContents());
    return (await Promise.all(texts)).flat().join(' ');
  }

  test('what does not go together is said at its field, and can be put right there', async () => {
    const page = await world.show(`${form}?target=${newId}&ids=keep`, { width: 390 });
    await page.getByRole('button', { name: 'Last hour' }).click();
    const ids = page.getByRole('combobox', { name: 'Webhook ids' });
    await vi.waitFor(async () => expect(await messageAt(ids)).toContain('has a new id'), 30_000);
    await page.getByText('a field above says what does not fit').waitFor();
    expect(await page.getByRole('button', { name: 'Start the replay' }).isDisabled()).toBe(true);
    await ids.selectOption('new');

    const filter = page.getByRole('textbox', { name: 'Filter' });
    await filter.fill('data.amount >');
    await vi.waitFor(async () => expect(await messageAt(filter)).toMatch(/at character/), 30_000);
    await filter.fill('data.amount > 100.0');
    await page.getByText('events would be sent').waitFor();
    expect(await messageAt(filter)).not.toMatch(/at character/);
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(390);

    // A link that asks of trigger runs what only deliveries have shows that field too.
    await page.goto(`${world.url}/console${form}?direction=inbound&endpoint_id=${oldId}`);
    await page.getByRole('button', { name: 'Last hour' }).click();
    const endpoint = page.getByRole('combobox', { name: 'Endpoint' });
    await vi.waitFor(
      async () => expect(await messageAt(endpoint)).toBe('Only outbound replays have endpoints'),
      30_000,
    );
    await page.context().close();
  }, 120_000);

  test('a new endpoint gets what was there before it, and what failed is retried', async () => {
    world.consumer.plan('/new', 500);
    const page = await world.show(`${form}?target=${newId}`);
    await page.getByRole('button', { name: 'Last hour' }).click();
    await page.getByRole('textbox', { name: 'Filter' }).fill('data.amount > 100.0');
    const counted = page.getByRole('region', { name: 'What it starts again' });
    await counted.getByText('the filter has no value for them').waitFor();
    await counted.getByText('custom.order: 4').waitFor();
    await counted.getByText('under a new webhook-id').waitFor();
    await page.getByRole('button', { name: 'Start the replay' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay 4' }).click();

    await page.getByRole('heading', { name: 'Replay', exact: true }).waitFor();
    await page.getByText('new: each is sent in a new delivery').waitFor();
    const outcomes = page.getByRole('region', { name: 'Outcomes by now' });
    await vi.waitFor(
      async () => expect(await outcomes.textContent()).toMatch(/2delivered1dead0under way/),
      60_000,
    );
    const items = page.getByRole('region', { name: 'Items' });
    await items
      .getByText(/no such key|no value|amount/)
      .first()
      .waitFor();
    await items.getByText('Started again (3)').click();
    await items.getByText('its event: a new delivery').first().waitFor();
    const known = new Set(world.consumer.at('/old').map(({ headers }) => headers['webhook-id']));
    const sent = world.consumer.at('/new').map(({ headers }) => headers['webhook-id']);
    expect(sent.filter((id) => known.has(id))).toEqual([]);
    expect(new Set(sent).size).toBe(3);

    await page.getByRole('button', { name: 'Retry the failures of this replay' }).click();
    const dialog = page.getByRole('dialog', { name: 'Retry the failures of this replay' });
    await dialog.getByText('could not start 1, and 1 that it started have failed since').waitFor();
    await dialog.getByRole('button', { name: 'Retry 2' }).click();
    await page.getByRole('link', { name: 'go to the new replay' }).click();
    await page.getByText('Retries the failures of').waitFor();
    await vi.waitFor(
      async () => expect(await outcomes.textContent()).toMatch(/1delivered0dead/),
      60_000,
    );
    await page.context().close();
  }, 120_000);

  test('original endpoints get them under new ids, when that is asked for', async () => {
    const before = world.consumer.at('/old').length;
    const page = await world.show(`${form}?endpoint_id=${oldId}&state=delivered`);
    await page.getByRole('button', { name: 'Last hour' }).click();
    await page.getByRole('combobox', { name: 'Webhook ids' }).selectOption('new');
    const counted = page.getByRole('region', { name: 'What it starts again' });
    await counted.getByText('its consumer sees a webhook-id that it does not know').waitFor();
    await page.getByRole('button', { name: 'Start the replay' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay 5' }).click();
    await page.getByText('the original endpoints').waitFor();
    await vi.waitUntil(() => world.consumer.at('/old').length === before + 5, { timeout: 60_000 });
    const ids = world.consumer.at('/old').map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(before + 5);
    await page.goto(`${world.url}/console${form}`);
    await page.getByText(/^Delivered deliveries .* under new ids$/).waitFor();
    await page.context().close();
  }, 120_000);

  test('what is chosen before the page has shown the choice before it is kept with that', async () => {
    const page = await world.show(form);
    await page.getByRole('button', { name: 'Last hour' }).waitFor();
    await page.evaluate(chooseTwoAtOnce);
    await vi.waitFor(() => {
      const asked = new URL(page.url()).searchParams;
      expect([...asked.keys()]).toEqual(['from', 'to', 'ids']);
    }, 30_000);
    await page.context().close();
  }, 120_000);

  test('the catalog has operational events apart, and the quota is shown where there is one', async () => {
    const page = await world.show('/integrations/webhooks/event-types');
    const operational = page.getByRole('region', { name: 'Operational events' });
    await operational.getByRole('heading', { name: 'endpoint.failing' }).waitFor();
    await operational.getByText('an endpoint that asks for * does not').waitFor();
    expect(await operational.getByRole('heading', { name: 'session.created' }).count()).toBe(0);
    await page.goto(`${world.url}/console/settings/system`);
    const quota = page.getByRole('region', { name: 'Quota' });
    await quota.getByText('At most 600 events').waitFor();
    await world.call('POST', '/v1/events', { type: 'custom.note', data: {} });
    await quota.getByText(/^[1-9]\d* of 600 in this minute/).waitFor();
    await page.context().close();
  }, 120_000);

  test('no page asked anybody else, ran what was not ours, or threw', () => {
    expect(world.browser.complaints).toEqual([]);
  });
});

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hasBrowser } from '../support/browser.ts';
import { openConsoleWorld } from './console-world.ts';
import type { ConsoleWorld } from './console-world.ts';

describe.skipIf(!hasBrowser)('an operator in the console', () => {
  let world: ConsoleWorld;
  beforeAll(async () => {
    world = await openConsoleWorld({ schedule: '0s,1s' });
  });
  afterAll(() => world.close());

  const publish = async (count: number): Promise<void> => {
    for (let number = 1; number <= count; number += 1) {
      const data = { session_id: `ses_${number}` };
      await world.call('POST', '/v1/events', { type: 'session.archived', data });
    }
  };
  const countOf = async (path: string): Promise<number> =>
    ((await world.call('GET', path)).body['data'] as unknown[]).length;

  test('makes an endpoint, sees its secret once, and sends a test to it', async () => {
    const page = await world.show('/integrations/webhooks/endpoints');
    await page.getByRole('button', { name: 'New endpoint' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'New endpoint' });
    await dialog.getByRole('textbox', { name: 'URL' }).fill(`${world.consumer.url}/shop`);
    await dialog.getByRole('combobox', { name: 'Event types' }).fill('session.*');
    await page.keyboard.press('Tab');
    await dialog.getByRole('button', { name: 'Make the endpoint' }).click();
    await dialog
      .getByText(/^whsec_/)
      .first()
      .waitFor();
    await dialog.getByRole('button', { name: 'I have copied it: go to the endpoint' }).click();
    await page.getByRole('heading', { name: 'Endpoint', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Send a test event' }).click();
    await vi.waitUntil(() => world.consumer.at('/shop').length === 1, { timeout: 90_000 });
    expect(world.consumer.at('/shop')[0]?.headers['x-webhook-test']).toBe('true');
    await page.getByText('200').first().waitFor();
    await page.context().close();
  });

  test('finds dead letters by endpoint and reason, and redrives all that match once it is mended', async () => {
    world.consumer.always('/shop', 500);
    await publish(6);
    await vi.waitUntil(async () => (await countOf('/v1/dead-letters?state=open')) === 6, {
      timeout: 60_000,
      interval: 500,
    });
    const page = await world.show('/');
    await page.getByRole('link', { name: /dead deliveries/ }).click();
    await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
    await showGroups(page);
    await page.getByRole('button', { name: 'Redrive all 6' }).waitFor();

    world.consumer.always('/shop', 200);
    await page.getByRole('button', { name: 'Redrive all 6' }).click();
    const dialog = page.getByRole('dialog', { name: 'Redrive dead letters' });
    await dialog.getByText('It touches 6').waitFor();
    await dialog.getByRole('textbox', { name: 'Why' }).fill('They have mended it');
    await dialog.getByRole('button', { name: 'Redrive 6' }).click();
    await page.getByText('6 redriven').first().waitFor();
    const audit = await world.call('GET', '/v1/audit-log?action=dead_letter.redrive');
    expect(audit.body['data']).toMatchObject([{ detail: { reason: 'They have mended it' } }]);
    const { body } = await world.call('GET', '/v1/endpoints?text=shop');
    const [{ id }] = body['data'] as [{ id: string }];
    const list = `deliveries?state=delivered&endpoint_id=${id}`;
    await vi.waitUntil(async () => (await countOf(`/v1/${list}`)) === 6, {
      timeout: 60_000,
      interval: 500,
    });
    await page.goto(`${world.url}/console/${list}`);
    await page.getByRole('row').nth(6).waitFor();
    await page.context().close();
  });

  async function showGroups(page: Page): Promise<void> {
    await page.getByText('By place and reason').click();
    await page.getByRole('table', { name: 'Groups of dead letters' }).waitFor();
  }

  test('discards a dead letter with a reason, which the audit log keeps', async () => {
    world.consumer.always('/shop', 500);
    await publish(1);
    await vi.waitUntil(async () => (await countOf('/v1/dead-letters?state=open')) === 1, {
      timeout: 60_000,
      interval: 500,
    });
    const page = await world.show('/dead-letters?view=groups');
    await page.getByRole('button', { name: /^Discard all/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Discard dead letters' });
    await dialog.getByRole('textbox', { name: 'Why' }).fill('The shop was closed for good');
    await dialog.getByRole('button', { name: 'Discard 1' }).click();
    await page.getByText('1 discarded').first().waitFor();
    await page.goto(`${world.url}/console/settings/audit-log`);
    await page.getByText('The shop was closed for good').first().waitFor();
    await page.context().close();
  });

  test('looks at an attempt: what was sent, what was answered, and how to verify it', async () => {
    const page = await world.show('/deliveries?state=dead');
    await page.getByRole('table', { name: 'Deliveries' }).getByRole('link').first().click();
    await page.getByRole('heading', { name: 'Delivery', exact: true }).waitFor();
    const ladder = page.getByRole('list', { name: 'Attempts of the cycle' });
    await ladder.getByRole('button', { name: /^Attempt 2/ }).click();
    await page.getByRole('heading', { name: 'Attempt 2', exact: true }).waitFor();
    await page.getByText('answer 500').first().waitFor();
    await page.getByRole('tab', { name: 'Request' }).click();
    await page.getByText('webhook-signature').first().waitFor();
    await page.getByRole('tab', { name: 'Signature' }).click();
    await page.getByRole('heading', { name: 'Verify it yourself' }).waitFor();
    await page
      .getByText(/openssl/)
      .first()
      .waitFor();
    await page.context().close();
  });

  test('reads on the page of an event why endpoints did not get it', async () => {
    await world.addEndpoint('/tools', ['tool.error']);
    const { id } = await world.addEndpoint('/costs', ['session.finished']);
    await world.call('PATCH', `/v1/endpoints/${id}`, { filter: 'data.cost > 1.0' });
    const data = { session_id: 'ses_1', cost: 0.5, artifacts: [] };
    const { body } = await world.call('POST', '/v1/events', { type: 'session.finished', data });
    const page = await world.show(`/events/${String(body['id'])}`);
    const told = page.getByRole('region', { name: 'What happened' });
    await told.getByText(/^Not sent to \d+ endpoints$/).waitFor();
    await told.getByText(/\/tools: asks for other event types: tool\.error/).waitFor();
    await told.getByText(/\/costs: its filter is false: data\.cost > 1\.0/).waitFor();
    await told.getByText(/data\.cost is 0\.5/).waitFor();
    await page.context().close();
  });

  test('no page asked anybody else, ran what was not ours, or threw', () => {
    expect(world.browser.complaints).toEqual([]);
  });
});

import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hasBrowser } from '../support/browser.ts';
import { keepPicture, openConsoleWorld } from './console-world.ts';
import type { ConsoleWorld } from './console-world.ts';

describe.skipIf(!hasBrowser)('an operator of an endpoint', { timeout: 240_000 }, () => {
  let world: ConsoleWorld;
  beforeAll(async () => {
    world = await openConsoleWorld({ schedule: '0s,1s' });
  });
  afterAll(() => world.close());

  const pathOf = (id: string): string => `/integrations/webhooks/endpoints/${id}`;
  const read = async (id: string) => (await world.call('GET', `/v1/endpoints/${id}`)).body;
  const publish = async (type: string, count: number): Promise<void> => {
    const events = Array.from({ length: Math.min(count, 100) }, () => ({ type, data: {} }));
    for (let made = 0; made < count; made += 100) {
      const some = events.slice(0, count - made);
      const { status } = await world.call('POST', '/v1/events/batch', { events: some });
      expect(status).toBeLessThan(300);
    }
  };
  const statesOf = async (id: string): Promise<string[]> => {
    const { body } = await world.call('GET', `/v1/deliveries?endpoint_id=${id}`);
    return (body['data'] as { state: string }[]).map(({ state }) => state);
  };
  const until = (check: () => Promise<void>): Promise<void> =>
    vi.waitFor(check, { timeout: 150_000, interval: 300 });
  const isWide = (page: Page): Promise<boolean> =>
    page.evaluate<boolean>('document.documentElement.scrollWidth > window.innerWidth');
  const messageOf = async (field: Locator): Promise<string> => {
    const ids = (await field.getAttribute('aria-describedby'))?.match(/\S+/g) ?? [];
    const texts = ids.map((id) => field.page().locator(`[id="${id}"]`).textContent());
    return (await Promise.all(texts)).join(' ');
  };

  test('sets what it gets, how it is called and when, and is told each mistake beside its field', async () => {
    const { id } = await world.addEndpoint('/all', ['custom.all']);
    const page = await world.show(pathOf(id), { width: 390 });
    const form = page.getByRole('region', { name: 'Settings' });
    const save = form.getByRole('button', { name: 'Save the settings' });
    await form.getByRole('textbox', { name: 'Filter' }).fill('data.cost >');
    await form.getByRole('button', { name: 'Add a metadata entry' }).click();
    await form.getByRole('textbox', { name: 'Name of metadata entry 1' }).fill('plan');
    await form.getByRole('textbox', { name: 'Value of metadata entry 1' }).fill('gold');
    await form.getByRole('button', { name: 'Add a header' }).click();
    await form.getByRole('textbox', { name: 'Name of header 1' }).fill('Authorization');
    await form.getByRole('textbox', { name: 'Value of header 1' }).fill('acme');
    await form.getByRole('textbox', { name: 'Schedule' }).fill('0s, 10 s');
    await save.click();
    await form.getByRole('alert').waitFor();
    expect(await messageOf(form.getByRole('textbox', { name: 'Schedule' }))).toContain(
      'Must be a duration',
    );

    await form.getByRole('textbox', { name: 'Schedule' }).fill('0s, 2s, 5m');
    await save.click();
    await until(async () =>
      expect(await messageOf(form.getByRole('textbox', { name: 'Filter' }))).toContain('character'),
    );
    expect(await messageOf(form.getByRole('textbox', { name: 'Name of header 1' }))).toContain(
      'Use "auth" for it',
    );
    expect(await isWide(page)).toBe(false);

    await form.getByRole('textbox', { name: 'Filter' }).fill('true');
    await form.getByRole('textbox', { name: 'Name of header 1' }).fill('X-Tenant');
    await form.getByRole('textbox', { name: 'Order by' }).fill('event.type');
    await form.getByRole('combobox', { name: 'Format' }).selectOption('cloudevents-binary');
    await form.getByRole('combobox', { name: 'Auth' }).selectOption('basic');
    await form.getByRole('textbox', { name: 'User name' }).fill('acme');
    await form.getByRole('textbox', { name: 'Password' }).fill('s3cret');
    await form.getByRole('textbox', { name: 'Timeout' }).fill('3s');
    await form.getByRole('textbox', { name: 'Acknowledgement window' }).fill('15m');
    await form.getByRole('textbox', { name: 'Rate limit' }).fill('50');
    await form.getByRole('textbox', { name: 'Limit in flight' }).fill('4');
    await form.getByRole('combobox', { name: 'While it does not answer' }).selectOption('park');
    await form.getByRole('checkbox', { name: /^Redrive its dead letters/ }).check();
    await save.click();
    await page.getByText('Saved: attempts that are still to come use it').waitFor();
    expect(await read(id)).toMatchObject({
      filter: 'true',
      order_by: 'event.type',
      format: 'cloudevents-binary',
      metadata: { plan: 'gold' },
      headers: { 'x-tenant': 'acme' },
      auth: { kind: 'basic', username: 'acme' },
      schedule: ['0s', '2s', '5m'],
      timeout: '3s',
      ack_window: '15m',
      rate_limit: 50,
      in_flight_max: 4,
      on_outage: 'park',
      redrives_on_recovery: true,
    });
    await page.context().close();
  });

  test('changes a setting and keeps the secret of the auth, which is typed anew with the rest of it', async () => {
    const { id } = await world.addEndpoint('/auth', ['custom.auth']);
    const auth = { kind: 'basic', username: 'acme', password: 's3cret' };
    await world.call('PATCH', `/v1/endpoints/${id}`, { auth, headers: { 'x-a': '1', 'x-b': '2' } });
    const page = await world.show(pathOf(id));
    const form = page.getByRole('region', { name: 'Settings' });
    const save = form.getByRole('button', { name: 'Save the settings' });
    const password = form.getByRole('textbox', { name: 'Password' });
    expect(await password.inputValue()).toBe('');
    await form.getByRole('textbox', { name: 'Name of header 2' }).fill('x-a');
    await save.click();
    await form.getByRole('alert').getByText('A name is there twice').waitFor();
    expect((await read(id))['headers']).toEqual({ 'x-a': '1', 'x-b': '2' });
    await form.getByRole('button', { name: 'Remove header 2' }).click();
    await save.click();
    await page.getByText('Saved: attempts').first().waitFor();
    await page.getByRole('button', { name: 'Send a test event' }).click();
    await vi.waitUntil(() => world.consumer.at('/auth').length === 1, { timeout: 90_000 });
    const credential = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(world.consumer.at('/auth')[0]?.headers).toMatchObject({
      'x-a': '1',
      authorization: credential('acme:s3cret'),
    });

    await form.getByRole('textbox', { name: 'User name' }).fill('other');
    expect(await password.getAttribute('required')).not.toBeNull();
    await password.fill('new');
    await save.click();
    await until(async () =>
      expect((await read(id))['auth']).toEqual({ kind: 'basic', username: 'other' }),
    );
    await page.getByRole('button', { name: 'Send a test event' }).click();
    await vi.waitUntil(() => world.consumer.at('/auth').length === 2, { timeout: 90_000 });
    expect(world.consumer.at('/auth')[1]?.headers.authorization).toBe(credential('other:new'));
    const tests = page.getByRole('table', { name: 'The last tests' });
    await tests.getByRole('row').nth(2).waitFor();
    expect(await tests.getByText('test', { exact: true }).count()).toBe(2);
    await page.getByText(/of the 2 s that it may take/).waitFor();
    await page.getByText('First byte').waitFor();
    await page.context().close();
  });

  test('adds an Ed25519 key, ends it, and rotates the shared secret', async () => {
    const { id, secret } = await world.addEndpoint('/keys', ['custom.keys']);
    const page = await world.show(pathOf(id), { width: 390 });
    const panel = page.getByRole('region', { name: 'Secrets' });
    await panel.getByRole('button', { name: 'Add an Ed25519 key' }).click();
    const adding = page.getByRole('dialog', { name: 'Add an Ed25519 key' });
    await adding.getByRole('button', { name: 'Add the key' }).click();
    await adding.getByText(/^whpk_/).waitFor();
    await adding.getByRole('button', { name: 'Done' }).click();
    const row = panel.getByRole('row').filter({ hasText: 'Ed25519 key' });
    await row.getByRole('button', { name: 'Copy the public key' }).click();
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(copied).toMatch(/^whpk_/);
    expect(await isWide(page)).toBe(false);

    const shared = panel.getByRole('row').filter({ hasText: 'Shared secret' });
    await shared.getByRole('button', { name: 'End now' }).click();
    const ending = page.getByRole('dialog', { name: 'End the secret now' });
    await ending.getByRole('button', { name: 'End it now' }).click();
    await ending.getByText(/It is the only shared secret/).waitFor();
    await ending.getByRole('button', { name: 'Cancel' }).click();
    await row.getByRole('button', { name: 'End now' }).click();
    await ending.getByRole('button', { name: 'End it now' }).click();
    await row.getByText('expired', { exact: true }).waitFor();

    await panel.getByRole('button', { name: 'Rotate the secret' }).click();
    const rotating = page.getByRole('dialog', { name: 'Rotate the secret' });
    await rotating.getByRole('button', { name: 'Rotate', exact: true }).click();
    const made = await rotating
      .getByText(/^whsec_/)
      .first()
      .textContent();
    expect(made).not.toBe(secret);
    await rotating.getByRole('button', { name: 'I have copied it' }).click();
    await shared.getByText('expiring').waitFor();
    await page.context().close();
  });

  test('enables what was disabled and sends what it missed, and discards what was held by its typed count', async () => {
    const { id } = await world.addEndpoint('/held', ['custom.held']);
    await world.call('POST', `/v1/endpoints/${id}/disable`);
    await publish('custom.held', 2);
    const page = await world.show(pathOf(id));
    await page.getByRole('button', { name: 'Enable' }).click();
    const enabling = page.getByRole('dialog', { name: 'Enable the endpoint' });
    await enabling.getByText(/2 missed while it was disabled/).waitFor();
    await enabling.getByRole('button', { name: 'Enable' }).click();
    await page.getByText('Enabled: 2 deliveries sent now').waitFor();
    await until(async () => expect(await statesOf(id)).toEqual(['delivered', 'delivered']));

    await world.call('POST', `/v1/endpoints/${id}/pause`);
    await publish('custom.held', 1001);
    await page.getByRole('link', { name: '1,001 deliveries' }).waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    const dialog = page.getByRole('dialog', { name: 'Resume the endpoint' });
    await dialog.getByRole('radio', { name: 'Discard' }).check();
    await dialog.getByText('Ends the 1,001 held back as cancelled').waitFor();
    const resume = dialog.getByRole('button', { name: 'Resume' });
    expect(await resume.isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: 'Type 1001 to go on' }).fill('1001');
    await publish('custom.held', 1);
    await resume.click();
    await dialog.getByText('The count has changed, and nothing was done').waitFor();
    await dialog.getByRole('textbox', { name: 'Type 1002 to go on' }).fill('1002');
    await resume.click();
    await page.getByText('Enabled: 1,002 deliveries discarded').waitFor();
    expect(await read(id)).toMatchObject({ state: 'enabled', held: 0 });
    expect(world.consumer.at('/held')).toHaveLength(2);
    await page.context().close();
  });

  test('sees an outage, what waits for its end and the stage of failing, and lets it go', async () => {
    const { id } = await world.addEndpoint('/down', ['custom.down']);
    await world.call('PATCH', `/v1/endpoints/${id}`, { on_outage: 'park' });
    world.consumer.always('/down', 503);
    await publish('custom.down', 12);
    await until(async () =>
      expect((await read(id))['health']).toMatchObject({ stage: 1, outage: { probes: 0 } }),
    );
    const page = await world.show(`${pathOf(id).replace(/\/[^/]*$/, '')}?health=failing`);
    const row = page.getByRole('row').filter({ hasText: '/down' });
    await row.getByText('failing, stage 1 of 3').waitFor();
    await row.getByRole('link').first().click();
    const health = page.getByRole('region', { name: 'Health' });
    await health.getByText('It does not answer: deliveries wait').waitFor();
    await health.getByText('failing, stage 1 of 3').waitFor();
    await page.getByText('Enabled, and it does not answer: deliveries wait').waitFor();
    await page.getByRole('table', { name: 'Recent deliveries' }).waitFor();
    await keepPicture(page, 'endpoint-outage', 960);
    await health.getByRole('link', { name: /deliver(y|ies)$/ }).click();
    await page.waitForURL(/state=parked/);
    await page.goBack();

    world.consumer.always('/down', 200);
    await page.getByRole('button', { name: 'Let go what waits' }).click();
    const dialog = page.getByRole('dialog', { name: 'Let go what waits' });
    await dialog.getByRole('button', { name: 'Let go what waits' }).click();
    await page.getByText(/^Enabled: .* sent now/).waitFor();
    await until(async () => expect(await statesOf(id)).not.toContain('parked'));
    await page.context().close();
  });

  test('no page asked anybody else, ran what was not ours, or threw', () => {
    expect(world.browser.complaints).toEqual([]);
  });
});

import type { Locator, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hasBrowser } from '../support/browser.ts';
import { openConsoleWorld } from './console-world.ts';
import type { ConsoleWorld } from './console-world.ts';

/** What a form must not do: lose what was typed, do a thing twice, or hide that it failed. */
describe.skipIf(!hasBrowser)('a form of the console', { timeout: 120_000 }, () => {
  let world: ConsoleWorld;
  beforeAll(async () => {
    world = await openConsoleWorld({ schedule: '0s,1h,1h' });
  });
  afterAll(() => world.close());

  const pathOf = (id: string): string => `/integrations/webhooks/endpoints/${id}`;
  const button = (place: Page | Locator, name: string): Locator =>
    place.getByRole('button', { name, exact: true });
  const read = async (path: string) => (await world.call('GET', path)).body;
  const until = (check: () => Promise<boolean> | boolean): Promise<true> =>
    vi.waitUntil(check, { timeout: 60_000, interval: 200 });
  /** Answers one method late: by the server, or by what `answer` says. */
  const delay = async (page: Page, method: string, answer?: Parameters<Route['fulfill']>[0]) =>
    page.route('**/v1/**', async (route) => {
      if (route.request().method() !== method) return route.fallback();
      const said = answer ?? { response: await route.fetch() };
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return route.fulfill(said);
    });
  const problem = (status: number, title: string, errors: object[] = []) => ({
    status,
    contentType: 'application/problem+json',
    body: JSON.stringify({ type: '/problems/x', title, detail: 'Not today', errors }),
  });

  test.each(['channel', 'endpoint'])(
    'keeps what is typed into the settings of the %s while they are saved',
    async (what) => {
      const { github } = world.tenant.integrations;
      const isChannel = what === 'channel';
      const id = isChannel ? github.id : (await world.addEndpoint('/typed', ['custom.typed'])).id;
      const api = isChannel ? `/v1/integrations/${id}` : `/v1/endpoints/${id}`;
      const page = await world.show(
        isChannel ? `/integrations/webhooks/channels/${id}` : pathOf(id),
      );
      const form = page.getByRole('region', { name: 'Settings' });
      const description = form.getByRole('textbox', { name: 'Description' });
      await description.fill('Ours');
      await delay(page, 'PATCH');
      await description.press('Enter');
      await description.press('End');
      await page.keyboard.type(', and yours');
      await page.getByText(/^Saved: /).waitFor();
      await vi.waitFor(
        async () => expect(await read(api)).toMatchObject({ description: 'Ours' }),
        30_000,
      );
      await page.waitForTimeout(500);
      expect(await description.inputValue()).toBe('Ours, and yours');
      await button(form, 'Save the settings').click();
      await until(async () => (await read(api))['description'] === 'Ours, and yours');
      await button(form, 'Undo').waitFor({ state: 'detached' });
      await page.context().close();
    },
  );

  test('tells what is wrong with a channel’s setting at its field, and all of it beside the button', async () => {
    const { github } = world.tenant.integrations;
    const page = await world.show(`/integrations/webhooks/channels/${github.id}`);
    const form = page.getByRole('region', { name: 'Settings' });
    const errors = [{ pointer: '/description', detail: 'Say it in one word' }];
    await delay(page, 'PATCH', problem(422, 'Some fields are wrong', errors));
    const description = form.getByRole('textbox', { name: 'Description' });
    await description.fill('Two words');
    await button(form, 'Save the settings').click();
    const alert = form.getByRole('alert');
    await alert.waitFor();
    const [message] = (await description.getAttribute('aria-describedby'))?.match(/\S+error/) ?? [];
    expect(await page.locator(`[id="${message}"]`).textContent()).toBe('Say it in one word');
    expect(await description.inputValue()).toBe('Two words');
    const bottom = (await alert.boundingBox())?.y ?? 0;
    expect(bottom).toBeGreaterThan((await description.boundingBox())?.y ?? 0);
    await page.context().close();
  });

  test('lets the rate of a replay be typed anew', async () => {
    const page = await world.show('/integrations/webhooks/replays?rate=5');
    const rate = page.getByRole('textbox', { name: 'Items per second' });
    await rate.fill('');
    await page.waitForURL((url) => !url.search.includes('rate'));
    expect(await rate.inputValue()).toBe('');
    await rate.pressSequentially('7');
    await page.waitForURL(/rate=7$/);
    await rate.fill('');
    await rate.blur();
    await vi.waitFor(async () => expect(await rate.inputValue()).toBe('20'), 30_000);
    await page.context().close();
  });

  test('tells of a failure also when its dialog was closed meanwhile', async () => {
    const { id } = await world.addEndpoint('/closed', ['custom.closed']);
    const page = await world.show(pathOf(id));
    await delay(page, 'DELETE', problem(503, 'The database is away'));
    await button(page, 'Delete').click();
    const dialog = page.getByRole('dialog', { name: 'Delete the endpoint' });
    await button(dialog, 'Delete').click();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('alert').getByText('The database is away').waitFor();
    await page.context().close();
  });

  test('sends one test event for a double click, and makes one attempt', async () => {
    const { id } = await world.addEndpoint('/twice', ['custom.twice']);
    const page = await world.show(pathOf(id));
    await button(page, 'Send a test event').dblclick({ delay: 100 });
    await until(() => world.consumer.at('/twice').length > 0);
    await page.getByRole('table', { name: 'The last tests' }).getByRole('row').nth(1).waitFor();
    await page.waitForTimeout(1000);
    expect(world.consumer.at('/twice')).toHaveLength(1);

    world.consumer.always('/twice', 500);
    await world.call('POST', '/v1/events', { type: 'custom.twice', data: {} });
    const list = `/v1/deliveries?endpoint_id=${id}&state=retrying`;
    const waiting = async () => (await read(list))['data'] as { id: string }[];
    await until(async () => (await waiting()).length > 0);
    const [row] = await waiting();
    await page.goto(`${world.url}/console/deliveries/${row?.id}`);
    await page.getByText('Attempt 1 failed').first().waitFor();
    await button(page, 'Attempt now').dblclick({ delay: 100 });
    await until(() => world.consumer.at('/twice').length > 2);
    await page.waitForTimeout(2000);
    expect(world.consumer.at('/twice')).toHaveLength(3);
    await page.context().close();
  });

  test('pauses a replay for a double click, and does not resume it', async () => {
    const { id } = await world.addEndpoint('/again', ['custom.again']);
    const events = Array.from({ length: 30 }, () => ({ type: 'custom.again', data: {} }));
    await world.call('POST', '/v1/events/batch', { events });
    await until(() => world.consumer.at('/again').length === 30);
    const frame = { from: new Date(Date.now() - 600_000), to: new Date(Date.now() + 600_000) };
    const asked = { direction: 'outbound', ...frame, endpoint_id: id, rate: 1 };
    const replay = String((await world.call('POST', '/v1/replays', asked)).body['id']);
    const page = await world.show(`/integrations/webhooks/replays/${replay}`);
    await button(page, 'Pause').click();
    await button(page, 'Resume').and(page.locator(':not([data-loading])')).waitFor();
    await page.mouse.down({ clickCount: 2 });
    await page.mouse.up({ clickCount: 2 });
    await page.getByText('paused', { exact: true }).first().waitFor();
    await page.waitForTimeout(1500);
    expect(await read(`/v1/replays/${replay}`)).toMatchObject({ state: 'paused' });
    await button(page, 'Resume').click();
    await until(async () => (await read(`/v1/replays/${replay}`))['state'] === 'running');
    await page.context().close();
  });

  test('keeps what was typed while the server is away, and saves it when it is back', async () => {
    const { id } = await world.addEndpoint('/away', ['custom.away']);
    const page = await world.show(pathOf(id));
    const form = page.getByRole('region', { name: 'Settings' });
    const timeout = form.getByRole('textbox', { name: 'Timeout' });
    await timeout.fill('4s');
    await world.stopServer();
    await button(form, 'Save the settings').click();
    await form.getByRole('alert').getByText('The server does not answer').waitFor();
    await page.getByText('The server does not answer: trying again').waitFor();
    expect(await timeout.inputValue()).toBe('4s');
    await world.startServer();
    await page
      .getByText('The server does not answer: trying again')
      .waitFor({ state: 'detached', timeout: 90_000 });
    expect(await timeout.inputValue()).toBe('4s');
    await button(form, 'Save the settings').click();
    await page.getByText(/^Saved: /).waitFor();
    expect(await read(`/v1/endpoints/${id}`)).toMatchObject({ timeout: '4s' });
    await page.context().close();
  });

  test('no page asked anybody else, ran what was not ours, or threw', () => {
    expect(world.browser.complaints).toEqual([]);
  });
});

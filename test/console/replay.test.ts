import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hasBrowser } from '../support/browser.ts';
import { keepPicture, openConsoleWorld } from './console-world.ts';
import type { ConsoleWorld } from './console-world.ts';

describe.skipIf(!hasBrowser)('historical replay in the console', () => {
  let world: ConsoleWorld;
  let endpointId: string;
  beforeAll(async () => {
    world = await openConsoleWorld();
    endpointId = (await world.addEndpoint('/archive', ['session.archived'])).id;
    for (let number = 1; number <= 12; number += 1) {
      const data = { session_id: `ses_${number}` };
      await world.call('POST', '/v1/events', { type: 'session.archived', data });
    }
    await vi.waitUntil(async () => (await delivered()) === 12, { timeout: 90_000, interval: 500 });
  });
  afterAll(() => world.close());

  async function delivered(): Promise<number> {
    const { body } = await world.call(
      'GET',
      `/v1/deliveries?state=delivered&endpoint_id=${endpointId}`,
    );
    return (body['data'] as unknown[]).length;
  }

  test('is previewed, started, paused, gone on with, and cancelled', async () => {
    const page = await world.show(
      `/integrations/webhooks/replays?rate=1&endpoint_id=${endpointId}`,
    );
    await page.getByRole('heading', { name: 'Historical replay' }).waitFor();
    await page.getByRole('button', { name: 'Last hour' }).click();
    const counted = page.getByRole('region', { name: 'What it starts again' });
    await counted
      .getByText(/\b12\b/)
      .first()
      .waitFor();
    await counted.getByText('session.archived').first().waitFor();

    await page.getByRole('button', { name: 'Start the replay' }).click();
    const dialog = page.getByRole('dialog', { name: 'Start the replay' });
    await dialog.getByText('It touches 12').waitFor();
    await dialog.getByRole('button', { name: 'Replay 12' }).click();

    await page.getByRole('heading', { name: 'Replay', exact: true }).waitFor();
    await page.getByRole('progressbar', { name: 'Progress of the replay' }).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('paused', { exact: true }).first().waitFor();
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const before = await doneOf(id);
    expect(before).toBeLessThan(12);
    await page.waitForTimeout(2500); // Long enough for two more at its rate.
    expect(await doneOf(id)).toBe(before);

    await page.getByRole('button', { name: 'Resume' }).click();
    await vi.waitUntil(async () => (await doneOf(id)) > before, { timeout: 60_000, interval: 300 });
    await page.getByText(/in the last minute: about/).waitFor();
    await keepPicture(page, 'replay-running', 900);
    await page.getByRole('button', { name: 'Cancel the replay' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the replay' }).click();
    await page.getByText('cancelled', { exact: true }).first().waitFor();
    const { body } = await world.call('GET', `/v1/replays/${id}`);
    expect(body).toMatchObject({ state: 'cancelled', planned: 12 });
    expect(Number(body['done'])).toBeLessThan(12);

    // Those that it started were sent once more, under the id that their consumer knows.
    const sent = (): number => world.consumer.at('/archive').length;
    await vi.waitUntil(() => sent() === 12 + Number(body['done']), { timeout: 90_000 });
    const ids = new Set(world.consumer.at('/archive').map(({ headers }) => headers['webhook-id']));
    expect(ids.size).toBe(12);
    await page.context().close();
  });

  async function doneOf(id: string): Promise<number> {
    return Number((await world.call('GET', `/v1/replays/${id}`)).body['done']);
  }

  test('is among the past ones, with who started it', async () => {
    const page = await world.show('/integrations/webhooks/replays');
    const past = page.getByRole('table', { name: 'Replays' });
    await past.getByText('cancelled').first().waitFor();
    await past.getByRole('link').first().click();
    await page.getByRole('heading', { name: 'Progress' }).waitFor();
    await page.context().close();
  });

  test('no page asked anybody else, ran what was not ours, or threw', () => {
    expect(world.browser.complaints).toEqual([]);
  });
});

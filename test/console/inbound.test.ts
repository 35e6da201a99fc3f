import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser } from '../support/browser.ts';
import { sendSample } from '../support/sender.ts';
import { openConsoleWorld } from './console-world.ts';
import type { ConsoleWorld } from './console-world.ts';

describe.skipIf(!hasBrowser)('an operator in the console', () => {
  let world: ConsoleWorld;
  beforeAll(async () => {
    world = await openConsoleWorld();
  });
  afterAll(() => world.close());

  const sendGithub = async (deliveryId: string, secret?: string) => {
    const { github } = world.tenant.integrations;
    const sent = { channel: 'github', sample: 'pull_request', deliveryId } as const;
    const settings = secret === undefined ? github : { ...github, secrets: { secret } };
    return sendSample(`${world.url}/v1/webhook/github/${github.id}`, sent, settings);
  };

  test('sees a GitHub event arrive, follows it to the delivered attempt, into Temporal and back', async () => {
    const page = await world.show('/events?source=github');
    await page.getByText('live', { exact: true }).waitFor();
    expect((await sendGithub('live-1')).status).toBe(200);
    await page
      .getByRole('row')
      .filter({ hasText: 'pull_request' })
      .getByRole('link')
      .first()
      .click();

    await page.getByRole('heading', { name: 'Event pull_request' }).waitFor();
    const told = page.getByRole('region', { name: 'What happened' });
    await told
      .getByText(/review-pull-request/)
      .first()
      .waitFor();
    const attempt = told.getByRole('link', { name: /^Attempt 1: answer 200/ });
    await attempt.waitFor({ timeout: 90_000 });
    await attempt.click();

    await page.getByRole('heading', { name: 'Delivery', exact: true }).waitFor();
    await page.getByText('delivered').first().waitFor();
    const deliveryUrl = page.url();
    const popup = page.waitForEvent('popup');
    await page
      .getByRole('link', { name: /^dlv_[0-9a-f]+$/ })
      .filter({ visible: true })
      .last()
      .click();
    const temporal = await popup;
    await temporal.getByText('Completed').first().waitFor();
    await temporal.getByRole('tab', { name: 'User Metadata' }).click();
    const opened = temporal.waitForEvent('popup');
    await temporal.frameLocator('iframe >> nth=1').getByRole('link', { name: /^dlv_/ }).click();
    const back = await opened;
    await back.getByRole('heading', { name: 'Delivery', exact: true }).waitFor();
    expect(back.url()).toBe(deliveryUrl.split('?')[0]);
    await page.context().close();
  });

  test('finds a request with a wrong secret, has it explained, and releases it', async () => {
    const { status } = await sendGithub('wrong-1', 'not-the-secret');
    expect(status).toBe(401);
    const { github } = world.tenant.integrations;
    const page = await world.show('/rejected-requests?channel=github');
    await page
      .getByRole('row')
      .filter({ hasText: /signature/i })
      .getByRole('link')
      .first()
      .click();
    await page.getByRole('heading', { name: 'Signature doctor' }).waitFor();
    await page
      .getByText(/secret/i)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Release', exact: true }).click();
    await page.getByText('The rejected request does not verify today either').first().waitFor();

    // The secret that the sender has is entered here, as a person would who finds it out.
    const { body } = await world.call('POST', `/v1/integrations/${github.id}/secrets`, {
      kind: 'secret',
      value: 'not-the-secret',
    });
    expect(body).toHaveProperty('id');
    await page.reload();
    await page.getByRole('button', { name: 'Release', exact: true }).click();
    await page.getByText('released', { exact: true }).first().waitFor();
    await page.getByRole('link', { name: /^evt_/ }).first().click();
    await page.getByRole('heading', { name: 'Event pull_request' }).waitFor();
    await page.context().close();
  });

  test('rotates a secret: the new one is shown once, both are good until the old one ends', async () => {
    const { github } = world.tenant.integrations;
    const page = await world.show(`/integrations/webhooks/channels/${github.id}`);
    await page.getByRole('button', { name: 'Rotate a secret' }).click();
    const dialog = page.getByRole('dialog', { name: 'Rotate a secret' });
    await dialog.getByRole('button', { name: 'Rotate', exact: true }).click();
    const shown = dialog.getByText(/^[\w+/=-]{24,}$/);
    const secret = (await shown.first().textContent()) ?? '';
    await dialog.getByRole('button', { name: 'I have copied it' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('table', { name: 'Valid secrets' }).waitFor();
    expect(await page.content()).not.toContain(secret);

    expect((await sendGithub('old-secret')).status).toBe(200);
    expect((await sendGithub('new-secret', secret)).status).toBe(200);
    expect((await sendGithub('no-secret', `${secret}x`)).status).toBe(401);
    await page.context().close();
  });

  test('sends a signed test and sees what became of it', async () => {
    const { gitlab } = world.tenant.integrations;
    const page = await world.show(`/integrations/webhooks/channels/${gitlab.id}`);
    await page.getByRole('button', { name: 'Send a signed test' }).click();
    await page.getByRole('link', { name: /^evt_/ }).first().click();
    await page.getByRole('heading', { name: /^Event / }).waitFor();
    await page.context().close();
  });

  test('no page asked anybody else, ran what was not ours, or threw', () => {
    expect(world.browser.complaints).toEqual([]);
  });
});

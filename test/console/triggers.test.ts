import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser } from '../support/browser.ts';
import { sendSample } from '../support/sender.ts';
import { openConsoleWorld } from './console-world.ts';
import type { ConsoleWorld } from './console-world.ts';

describe.skipIf(!hasBrowser)('an engineer in the console', () => {
  let world: ConsoleWorld;
  beforeAll(async () => {
    world = await openConsoleWorld();
  });
  afterAll(() => world.close());

  const sendGithub = (deliveryId: string) => {
    const { github } = world.tenant.integrations;
    const sent = { channel: 'github', sample: 'pull_request', deliveryId } as const;
    return sendSample(`${world.url}/v1/webhook/github/${github.id}`, sent, github);
  };

  const saveTrigger = async (text: string): Promise<string> => {
    const { status, body } = await world.call('POST', '/v1/triggers', { text });
    expect({ status, body }).toMatchObject({ status: 201 });
    return String(body['id']);
  };

  test('writes a trigger, is told its mistake, tries it on what came, saves it, and it fires', async () => {
    expect((await sendGithub('before')).status).toBe(200);
    const page = await world.show('/triggers');
    await page.getByRole('link', { name: 'New trigger' }).click();
    await page.getByRole('heading', { level: 1, name: 'New trigger' }).waitFor();
    await write(page, textOf('seen-here', "body.action == 'closed'").replace('when', 'wehn'));
    await page.getByText('1 mistake').waitFor();
    await page.getByText(/^Line 3, column 1: .*when/).waitFor();
    await page.locator('.cm-lintRange-error').first().waitFor();

    await write(page, textOf('seen-here', "body.number > 0 && body.action == 'closed'"));
    await page.getByText('valid', { exact: true }).waitFor();
    const trials = page.getByRole('region', { name: 'Trials' });
    await trials
      .getByRole('option', { name: /^pull_request from github/ })
      .waitFor({ state: 'attached' });
    await trials.getByRole('button', { name: 'Dry run' }).click();
    await trials.getByText('It does not fire').waitFor();
    const decided = trials.getByRole('region', { name: 'What decided' });
    expect(await decided.innerText()).toContain("body.action == 'closed'");

    await write(page, textOf('seen-here', "body.action == 'opened'"));
    await trials.getByRole('button', { name: 'Dry run' }).click();
    await trials.getByText('It fires').waitFor();
    await trials.getByText('emits custom.seen_here').waitFor();
    await trials
      .getByText(/https:\/\/github\.com/)
      .first()
      .waitFor();

    await trials.getByRole('tab', { name: 'Backtest' }).click();
    await trials.getByRole('button', { name: 'Backtest' }).click();
    const otherwise = trials.getByRole('region', { name: 'Events that are judged otherwise' });
    await otherwise.getByText('would fire').waitFor();
    const link = otherwise.getByRole('link', { name: 'pull_request' });
    expect(await link.getAttribute('href')).toMatch(/\/events\/evt_/);

    await editor(page).press('Control+s');
    await page.waitForURL(/\/triggers\/trg_[0-9a-f]+\/edit/);
    await page.getByRole('heading', { level: 1, name: 'Edit seen-here' }).waitFor();
    await page.getByText('not saved').waitFor({ state: 'detached' });
    expect((await sendGithub('after')).status).toBe(200);
    await page.goto(`${world.url}/console/trigger-runs?text=seen-here`);
    const rows = page.getByRole('table', { name: 'Trigger runs' }).getByRole('row');
    await rows.filter({ hasText: 'succeeded' }).getByRole('link').first().click();
    await page.getByRole('heading', { level: 1, name: 'Run of seen-here' }).waitFor();
    await page.context().close();
  });

  test('is asked before what was written is lost, and leaves the text by keyboard', async () => {
    const page = await world.show('/triggers/new');
    await editor(page).click();
    await page.keyboard.press('Control+End');
    await page.keyboard.press('Tab');
    await page.keyboard.type('# mine');
    expect(await editor(page).innerText()).toMatch(/\n {2}# mine/);
    await page.getByText('valid', { exact: true }).waitFor(); // What may stand there is told by then.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    expect(await page.evaluate("document.activeElement.matches('.cm-content')")).toBe(false);

    await page.getByRole('link', { name: 'Events', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Leave without saving' });
    await dialog.getByRole('button', { name: 'Stay' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await editor(page).innerText()).toContain('# mine');
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    await dialog.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
    await page.context().close();
  });

  test('is offered the keys of a trigger, and the values of one', async () => {
    const page = await world.show('/triggers/new');
    await editor(page).click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('conc');
    await page.getByRole('option', { name: /^concurrency:/ }).waitFor();
    await page.keyboard.press('Escape');
    await write(page, 'trigger: a\nmo');
    await page.keyboard.press('Control+Space');
    await page.getByRole('option', { name: /^mode:/ }).click();
    await page.getByRole('option', { name: 'shadow' }).click();
    expect(await editor(page).innerText()).toContain('mode: shadow');
    await page.context().close();
  });

  test('sees what somebody else saved meanwhile, and writes over nothing unseen', async () => {
    const id = await saveTrigger(textOf('of-two', "body.action == 'opened'"));
    const page = await world.show(`/triggers/${id}/edit`);
    await write(page, textOf('of-two', "body.action == 'reopened'"));
    const text = textOf('of-two', "body.action == 'closed'");
    expect((await world.call('PUT', `/v1/triggers/${id}`, { text })).status).toBe(200);
    await page.keyboard.press('Control+s');
    await page.getByText(/is at revision 2 by now, not 1/).waitFor();
    await page.getByText('Revision 2 was saved meanwhile').waitFor();
    await page.getByRole('tab', { name: 'Difference' }).click();
    const changed = await page.getByRole('region', { name: 'what changed' }).innerText();
    expect(changed).toMatch(/removed:\s+when.*closed[^]*added:\s+when.*reopened/);
    await page.getByRole('button', { name: 'Keep the text here' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved as revision 3').waitFor();
    await page.context().close();
  });

  test('reads a trigger of a file, tries a change of it, and saves nothing', async () => {
    const { body } = await world.call('GET', '/v1/triggers');
    const all = body['data'] as { id: string; file: string | null }[];
    const kept = all.find(({ file }) => file === 'review-pull-request.yaml');
    const page = await world.show(`/triggers/${kept?.id}/edit`);
    await page.getByText('It comes from a file').waitFor();
    await page
      .getByText(/triggers\/review-pull-request\.yaml/)
      .first()
      .waitFor();
    expect(await editor(page).getAttribute('aria-readonly')).toBe('true');
    expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Try a change' }).click();
    await page.locator('.cm-content:not([aria-readonly])').waitFor();
    const text = (await world.call('GET', `/v1/triggers/${kept?.id}`)).body['text'];
    await write(page, String(text).replace(/^when:.*$/m, 'when: body.number < 0'));
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByText('It does not fire').waitFor();
    await page.context().close();
  });

  test('lets a trigger go that the platform held, and reads why a run was skipped', async () => {
    const text = `${textOf('watching', "body.action == 'opened'")}mode: shadow\n`;
    const id = await saveTrigger(text);
    expect((await sendGithub('watched')).status).toBe(200);
    await world.db('triggers').where({ id }).update({ quarantine: '20 runs in a row failed' });
    const page = await world.show('/triggers?state=quarantined');
    const row = page.getByRole('row').filter({ hasText: 'watching' });
    await row.getByText('shadow').waitFor();
    await row.getByRole('link').first().click();
    await page.getByText('20 runs in a row failed').waitFor();
    expect(await findingsOn(page)).toEqual([]);
    await page.getByRole('button', { name: 'Enable' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
    await page.getByText('20 runs in a row failed').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Disable' }).waitFor();

    await page.goto(`${world.url}/console/trigger-runs?trigger_id=${id}&state=skipped`);
    await page
      .getByText(/Its trigger only watches/)
      .first()
      .waitFor();
    await page.getByRole('table').getByRole('link').first().click();
    await page.getByRole('heading', { level: 1, name: 'Run of watching' }).waitFor();
    await page.getByText(/Its trigger only watches/).waitFor();
    await page.getByRole('button', { name: 'Redrive' }).waitFor();
    await page.context().close();
  });

  test('no page asked anybody else, ran what was not ours, or threw', () => {
    expect(world.browser.complaints).toEqual([]);
  });
});

function textOf(name: string, when: string): string {
  const type = `custom.${name.replaceAll('-', '_')}`;
  return `trigger: ${name}
on: { source: github, events: [pull_request] }
when: ${when}
do:
  emit: ${type}
  with: { url: '\${{ body.pull_request.html_url }}' }
`;
}

function editor(page: Page): Locator {
  return page.getByRole('textbox', { name: 'The text of the trigger' });
}

async function write(page: Page, text: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

/** What axe finds serious. */
async function findingsOn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<{ id: string; impact: string }[]>(
    'axe.run().then(({ violations }) => violations)',
  );
  return found.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id }) => id);
}

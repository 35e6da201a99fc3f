import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser } from '../support/browser.ts';
import { sendSample } from '../support/sender.ts';
import { openConsoleWorld } from './console-world.ts';
import type { ConsoleWorld } from './console-world.ts';

const review = `trigger: review
on: { source: github, events: [pull_request] }
do: { session: triggered, key: body.pull_request.html_url }
with: { pr_url: "\${{ body.pull_request.html_url }}" }
`;

const json = (value: unknown): string => JSON.stringify(value);

describe.skipIf(!hasBrowser)('sessions, imports and budgets in the console', () => {
  let world: ConsoleWorld;
  beforeAll(async () => {
    world = await openConsoleWorld({ triggers: () => ({ 'review.yaml': review }) });
  });
  afterAll(() => world.close());

  /** The id at the end of the address. */
  const idOf = (page: Page): string => new URL(page.url()).pathname.split('/').at(-1) ?? '';

  async function report(id: string, what: 'steps' | 'tools', body: unknown): Promise<void> {
    expect((await world.call('POST', `/v1/sessions/${id}/${what}`, body)).status).toBe(200);
  }

  test('a session is opened, seen at work, finished and archived', async () => {
    const page = await world.show('/sessions');
    await page.getByText('No sessions yet').waitFor();
    await page.getByRole('button', { name: 'Open a session' }).click();
    const dialog = page.getByRole('dialog', { name: 'Open a session' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('code-review');
    await dialog.getByRole('textbox', { name: 'User' }).fill('lwei');
    await dialog.getByRole('textbox', { name: 'Key' }).fill('acme/checkout#482');
    const input = dialog.getByRole('textbox', { name: 'Input' });
    await input.fill('{"pr_url": ');
    await dialog.getByText(/^This is no JSON/).waitFor();
    expect(await dialog.getByRole('button', { name: 'Open', exact: true }).isDisabled()).toBe(true);
    await input.fill(json({ pr_url: 'https://github.com/acme/checkout/pull/482' }));
    await dialog.getByRole('button', { name: 'Open', exact: true }).click();

    await page.getByRole('heading', { level: 1, name: 'Session code-review' }).waitFor();
    await page.getByText('At work: it takes events and reports.').waitFor();
    await page.getByRole('link', { name: /checkout\/pull\/482/ }).waitFor();
    const id = idOf(page);
    expect(id).toMatch(/^ses_/);

    // What the agent reports, and what a stranger may have put into it.
    await report(id, 'steps', { id: 's1', action: 'read_file\u202E', confidence: 0.934 });
    await report(id, 'tools', { id: 't1', tool_name: 'search', args: { text: 'secret' } });
    await report(id, 'tools', { id: 't2', tool_name: 'fetch', args_hash: 'sha256:1', error: 'No' });
    const timeline = page.getByRole('region', { name: 'Timeline' });
    await timeline.getByText('Step read_file⟨U+202E⟩').waitFor();
    await timeline.getByText('Confidence 93.4 %').waitFor();
    await timeline.getByText('Tool search', { exact: true }).waitFor();
    await timeline.getByText('Tool fetch failed').waitFor();
    expect(await page.getByText('secret').count()).toBe(0);
    await timeline.getByRole('combobox', { name: 'Which entries' }).selectOption('Tool calls');
    await timeline.getByText('Step read_file').waitFor({ state: 'detached' });
    await timeline.getByText('Tool fetch failed').waitFor();
    await timeline.getByRole('combobox', { name: 'Which entries' }).selectOption('All');

    await page.getByRole('button', { name: 'Finish' }).click();
    const finish = page.getByRole('dialog', { name: 'Finish the session' });
    await finish.getByRole('textbox', { name: 'Cost' }).fill('1.25');
    await finish.getByRole('button', { name: 'Finish' }).click();
    await timeline.getByText('Finished for 1.25 USD, with 0 artifacts').waitFor();
    await page.getByRole('button', { name: 'Finish' }).waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Archive' }).click();
    const archive = page.getByRole('dialog', { name: 'Archive the session' });
    await archive.getByRole('button', { name: 'Archive' }).click();
    await timeline.getByText('Archived: it takes nothing more').waitFor();
    await page.getByText('It came to its result for 1.25 USD, and takes nothing more.').waitFor();
    await page.getByRole('button', { name: 'Archive' }).waitFor({ state: 'detached' });
    const { body } = await world.call('GET', `/v1/sessions/${id}`);
    expect(body).toMatchObject({ state: 'archived', cost: 1.25, currency: 'USD', user_id: 'lwei' });

    await page.getByRole('link', { name: 'All sessions of this key' }).click();
    await page.getByRole('table', { name: 'Sessions' }).getByText('archived').waitFor();
    await page.context().close();
  });

  test('a long session shows its newest entries as they come, and the way to all others', async () => {
    const opening = { name: 'long', user_id: 'lwei' };
    const { body } = await world.call('POST', '/v1/sessions', opening);
    const id = String(body['id']);
    const step = (number: number) => ({
      id: `s${number}`,
      action: `step-${number}.`,
      confidence: 1,
    });
    await Promise.all(Array.from({ length: 120 }, (_, index) => report(id, 'steps', step(index))));
    await report(id, 'steps', { ...step(120), action: 'the newest' });
    const artifacts = [
      'report.md',
      'javascript:alert(1)',
      { name: 'Report', url: 'https://a.test/1' },
    ];

    const page = await world.show(`/sessions/${id}`);
    const timeline = page.getByRole('region', { name: 'Timeline' });
    const items = timeline.getByRole('listitem');
    await timeline.getByText('Step the newest').waitFor();
    await timeline.getByText('Entry 72,').waitFor();
    expect(await items.count()).toBe(50);
    await report(id, 'steps', { ...step(121), action: 'one more' });
    await timeline.getByText('Step one more').waitFor();
    await timeline.getByRole('button', { name: 'Earliest' }).click();
    await timeline.getByText('Entry 1,').waitFor();
    await timeline.getByRole('button', { name: 'Later' }).click();
    await timeline.getByText('Entry 51,').waitFor();
    await timeline.getByRole('button', { name: 'Newest' }).click();
    await timeline.getByText('Step one more').waitFor();

    await world.call('POST', `/v1/sessions/${id}/finish`, { cost: 0.5, artifacts });
    const made = page.getByRole('region', { name: 'Artifacts' });
    await made.getByText('report.md').waitFor();
    expect(await made.getByRole('link').allInnerTexts()).toEqual([
      expect.stringContaining('https://a.test/1'),
    ]);
    await page.context().close();
  });

  test('a session that a trigger opened leads to its run and its event', async () => {
    const { github } = world.tenant.integrations;
    const sample = { channel: 'github', sample: 'pull_request' } as const;
    await sendSample(`${world.url}/v1/webhook/github/${github.id}`, sample, github);
    const page = await world.show('/sessions?name=triggered');
    const sessions = page.getByRole('table', { name: 'Sessions' });
    await sessions.getByText('trigger:review').waitFor();
    await sessions.getByRole('link').first().click();
    await page.getByText('Trigger run run_').waitFor();
    await page.getByRole('link', { name: /^evt_/ }).first().waitFor();
    await page.getByRole('link', { name: /^run_/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Run of review' }).waitFor();
    await page.keyboard.press('Control+k');
    const { body } = await world.call('GET', '/v1/sessions?name=triggered');
    const [{ id }] = body['data'] as [{ id: string }];
    await page.getByRole('textbox', { name: 'A page or an id' }).fill(id);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Session triggered' }).waitFor();
    await page.context().close();
  });

  test('an import with one bad item takes the others, and tells what is wrong with it', async () => {
    const page = await world.show('/imports', { width: 390 });
    await page.getByRole('button', { name: 'Start an import' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Start an import' });
    await dialog.getByRole('textbox', { name: 'Source' }).fill('jira');
    const items = dialog.getByRole('textbox', { name: 'Items' });
    const submit = dialog.getByRole('button', { name: /^Import/ });
    for (const [text, mistake] of [
      ['[{"repository": ]', /^This is no JSON/],
      ['{"items": []}', 'Must be a list of items: [{…}, {…}]'],
      ['[]', 'The list is empty: there is nothing to import'],
      [json(Array.from({ length: 1001 }, () => ({}))), /^1,001 items: one import takes/],
    ] as const) {
      await items.fill(text);
      await dialog.getByText(mistake).waitFor();
      expect(await submit.isDisabled()).toBe(true);
    }
    const issue = { repository: 'acme/checkout', number: 1, title: 'Slow', state: 'open' };
    const good = { ...issue, url: 'https://jira.example.com/1' };
    await items.fill(json([good, { ...good, number: 'two' }, { ...good, number: 3 }]));
    await dialog.getByRole('button', { name: 'Import 3 items' }).click();

    await page.getByRole('heading', { level: 1, name: 'Import from jira' }).waitFor();
    await page.getByText('2 taken, 1 refused, of 3').waitFor();
    const refused = page.getByRole('table', { name: 'Refused items' });
    await refused.getByText('Number 2 in the list (/items/1)').waitFor();
    await refused.getByText(/^number: /).waitFor();
    const { body } = await world.call('GET', `/v1/imports/${idOf(page)}`);
    expect(body).toMatchObject({ state: 'completed', count: 2, error_count: 1 });
    await page.goto(`${world.url}/console/imports?source=jira&state=completed`);
    await page.getByRole('table', { name: 'Imports' }).getByText('jira').waitFor();
    await page.context().close();
  });

  test('a budget is set, exceeded by a session that finishes, changed and deleted', async () => {
    const page = await world.show('/budgets');
    await page.getByRole('button', { name: 'Set a budget' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Amount' }).fill('2');
    await dialog.getByRole('textbox', { name: 'Currency' }).fill('e');
    await dialog.getByRole('button', { name: 'Set the budget' }).click();
    await dialog.getByText('Must be an ISO 4217 code in upper case: EUR').first().waitFor();
    await dialog.getByRole('textbox', { name: 'Currency' }).fill('eur');
    await dialog.getByRole('button', { name: 'Set the budget' }).click();
    const budgets = page.getByRole('table', { name: 'Budgets' });
    await budgets.getByText('0.00 EUR of 2.00 EUR (0 %)').waitFor();
    await budgets.getByText('not exceeded').waitFor();

    const { body } = await world.call('POST', '/v1/sessions', { name: 'dear', user_id: 'lwei' });
    const end = { cost: 3, currency: 'EUR' };
    await world.call('POST', `/v1/sessions/${String(body['id'])}/finish`, end);
    await budgets.getByText('3.00 EUR of 2.00 EUR (150 %)').waitFor();
    await budgets.getByText('exceeded', { exact: true }).waitFor();

    await budgets.getByRole('button', { name: 'Change 2.00 EUR a month' }).click();
    const change = page.getByRole('dialog', { name: 'Change the budget' });
    await change.getByRole('textbox', { name: 'Amount' }).fill('10');
    await change.getByRole('button', { name: 'Change the budget' }).click();
    await budgets.getByText('3.00 EUR of 10.00 EUR (30 %)').waitFor();
    await budgets.getByText('of 2.00 EUR').waitFor({ state: 'detached' });

    await budgets.getByRole('button', { name: 'Delete 10.00 EUR a month' }).click();
    const question = page.getByRole('dialog', { name: 'Delete a budget' });
    await question.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No budgets yet').waitFor();
    expect((await world.call('GET', '/v1/budgets')).body['data']).toEqual([]);
    await page.context().close();
  });

  test('no page asked anybody else, ran what was not ours, or threw', () => {
    expect(world.browser.complaints).toEqual([]);
  });
});

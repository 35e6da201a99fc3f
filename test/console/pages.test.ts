import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { signPlatform } from '../../src/runtime/signature.ts';
import { hasBrowser } from '../support/browser.ts';
import { sendSample } from '../support/sender.ts';
import { keepPicture, openConsoleWorld } from './console-world.ts';
import type { ConsoleWorld } from './console-world.ts';

/**
 * Every page over real data: nothing serious found by axe, nothing wider than the window, nothing that
 * loads for ever. With `SCREENSHOTS=docs/images` it makes the pictures of the pages anew.
 */

/** Address, the heading to wait for, and the name of its picture. */
const pages: readonly (readonly [path: string, heading: string | RegExp, picture: string])[] = [
  ['/', 'Overview', 'overview'],
  ['/events', 'Events', 'events'],
  ['/events/:event', /^Event /, 'event'],
  ['/deliveries', 'Deliveries', 'deliveries'],
  ['/deliveries/:delivery', 'Delivery', 'delivery'],
  ['/dead-letters?view=groups', 'Dead letters', 'dead-letters'],
  ['/dead-letters?view=list', 'Dead letters', 'dead-letters-list'],
  ['/integrations/webhooks/channels', 'Channels', 'channels'],
  ['/integrations/webhooks/channels/:channel', /./, 'channel'],
  ['/integrations/webhooks/endpoints', 'Endpoints', 'endpoints'],
  ['/integrations/webhooks/endpoints/:endpoint', 'Endpoint', 'endpoint'],
  ['/integrations/webhooks/event-types', 'Event catalog', 'event-catalog'],
  ['/integrations/webhooks/replays', 'Historical replay', 'historical-replay'],
  ['/integrations/webhooks/replays/:replay', 'Replay', 'replay'],
  ['/rejected-requests', 'Rejected requests', 'rejected-requests'],
  ['/rejected-requests/:rejected', /./, 'rejected-request'],
  ['/triggers', 'Triggers', 'triggers'],
  ['/triggers/new', 'New trigger', 'trigger-editor'],
  ['/triggers/:trigger/edit', /^Edit /, 'trigger-of-a-file'],
  ['/triggers/:trigger', /^Trigger /, 'trigger'],
  ['/trigger-runs', 'Trigger runs', 'trigger-runs'],
  ['/trigger-runs/:run', /^Run of /, 'trigger-run'],
  ['/sessions', 'Sessions', 'sessions'],
  ['/sessions/:session', /^Session /, 'session'],
  ['/imports', 'Imports', 'imports'],
  ['/imports/:import', /^Import from /, 'import'],
  ['/budgets', 'Budgets', 'budgets'],
  ['/settings/api-keys', 'API keys', 'api-keys'],
  ['/settings/system', 'System', 'system'],
  ['/settings/audit-log', 'Audit log', 'audit-log'],
];

describe.skipIf(!hasBrowser)('each page', () => {
  let world: ConsoleWorld;
  let ids: Readonly<Record<string, string>>;
  beforeAll(async () => {
    world = await openConsoleWorld({ schedule: '0s,1s' });
    ids = await fill(world);
  });
  afterAll(() => world.close());

  test.each([
    { width: 1280, isDark: false },
    { width: 1280, isDark: true },
    { width: 390, isDark: false },
    { width: 390, isDark: true },
  ])(
    'can be read by everybody: %o',
    async (look) => {
      const page = await world.show('/', look);
      for (const [path, heading, picture] of pages) {
        const address = path.replace(/:(\w+)/, (_, name: string) => ids[name] ?? name);
        await page.goto(`${world.url}/console${address}`);
        await page.getByRole('heading', { level: 1, name: heading }).waitFor();
        await untilLoaded(page);
        expect({ path, ...(await findingsOn(page)) }).toEqual({ path, serious: [], isWide: false });
        if (look.width === 1280 && !look.isDark) await keepPicture(page, picture);
      }
      await page.context().close();
    },
    240_000,
  );

  test.each(hostileBodies())(
    'shows a hostile body and runs nothing of it: $name',
    async (hostile) => {
      const id = await sendGeneric(world, hostile);
      const page = await world.show(`/events/${id}`);
      await page.getByRole('heading', { level: 1, name: /^Event / }).waitFor();
      await untilLoaded(page);
      if (hostile.type === 'application/json') {
        await page.getByRole('tab', { name: 'As text' }).click();
      }
      await page.getByText(hostile.shown).first().waitFor();
      expect(await page.locator('img[src="x"], [href^="javascript"], svg[onload]').count()).toBe(0);
      await page.goto(`${world.url}/console/events?source=generic`);
      await page.getByRole('row').nth(1).waitFor();
      await page.context().close();
    },
  );

  test('a list shows fifty rows, holds no more, and its pages are in the address', async () => {
    for (let number = 1; number <= 60; number += 1) {
      await world.call('POST', '/v1/events', { type: 'custom.row', data: { number } });
    }
    const page = await world.show('/events?type=custom.row');
    const rows = page.getByRole('table', { name: 'Events' }).getByRole('row');
    await rows.nth(50).waitFor();
    expect(await rows.count()).toBe(51);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.waitForURL(/cursor=evt_/);
    await rows.nth(11).waitFor({ state: 'detached' });
    expect(await rows.count()).toBe(11);
    await page.goBack();
    await rows.nth(50).waitFor();
    expect(await rows.count()).toBe(51);
    await page.context().close();
  });

  test('the page of the API is there', async () => {
    const page = await world.newPage();
    await page.goto(`${world.url}/docs`);
    await page.getByText('/v1/dead-letters/redrive').first().waitFor();
    await keepPicture(page, 'api');
    await page.context().close();
  });

  test('the keyboard goes everywhere: Ctrl-K with an id, / to the filter, ? to the help', async () => {
    const page = await world.show('/events');
    await page.getByRole('heading', { name: 'Events' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('custom.');
    await page.waitForURL(/custom\./);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Events' }).click();
    await page.keyboard.press('?');
    await page
      .getByRole('dialog')
      .getByText(/shortcuts/i)
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await page.getByRole('textbox', { name: 'A page or an id' }).fill(String(ids['delivery']));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Delivery', exact: true }).waitFor();
    await page.goBack();
    await page.waitForURL(/custom\./);
    await page.context().close();
  });

  test('no page asked anybody else, ran what was not ours, or threw', () => {
    expect(world.browser.complaints).toEqual([]);
  });
});

interface Hostile {
  readonly name: string;
  readonly type: string;
  readonly body: string;
  /** A text that must be seen. */
  readonly shown: RegExp;
}

function hostileBodies(): Hostile[] {
  const markup = '<img src=x onerror=alert(1)><svg onload=alert(2)>';
  const json = (value: unknown) => ({ type: 'application/json', body: JSON.stringify(value) });
  const text = (body: string) => ({ type: 'text/plain', body });
  return [
    { name: 'markup', ...json({ [markup]: markup }), shown: /onerror=alert\(1\)/ },
    { name: 'markup as text', ...text(markup), shown: /onerror=alert\(1\)/ },
    { name: 'a URL of script', ...json({ url: 'javascript:alert(1)' }), shown: /javascript:alert/ },
    { name: 'terminal escapes', ...text('\u001b[31mred\u0007'), shown: /U\+001B/ },
    { name: 'marks that turn text around', ...json({ file: 'a\u202egpj.exe' }), shown: /U\+202E/ },
    { name: '5 MiB of JSON', ...json({ text: 'x'.repeat(5_242_880) }), shown: /xxxx/ },
    { name: '500 levels', ...text('['.repeat(500) + ']'.repeat(500)), shown: /\[\[\[\[/ },
  ];
}

/** As a script of one's own, through the ingress. As text: a body of JSON may not be as deep. */
async function sendGeneric(world: ConsoleWorld, { type, body }: Hostile): Promise<string> {
  const { id, secrets } = world.tenant.integrations.generic;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const answer = await fetch(`${world.url}/v1/webhook/generic/${id}`, {
    method: 'POST',
    headers: {
      'content-type': type,
      'x-webhook-timestamp': timestamp,
      'x-webhook-signature': signPlatform(secrets['platform'] ?? '', timestamp, Buffer.from(body)),
    },
    body,
  });
  const { event_id: id_ } = (await answer.json()) as { event_id: string };
  return id_;
}

/** One of each thing that a page is about, by the name that `pages` has for it. */
async function fill(world: ConsoleWorld): Promise<Record<string, string>> {
  const { github } = world.tenant.integrations;
  const url = `${world.url}/v1/webhook/github/${github.id}`;
  const sample = { channel: 'github', sample: 'pull_request', deliveryId: 'pages-1' } as const;
  const { text } = await sendSample(url, sample, github);
  await sendSample(url, sample, { ...github, secrets: { secret: 'wrong' } });
  const endpoint = await world.addEndpoint('/broken', ['session.*']);
  world.consumer.always('/broken', 500);
  for (let number = 1; number <= 3; number += 1) {
    const data = { session_id: `ses_${number}` };
    await world.call('POST', '/v1/events', { type: 'session.archived', data });
  }
  const first = async (path: string): Promise<string | undefined> => {
    const [row] = (await world.call('GET', path)).body['data'] as { id: string }[];
    return row?.id;
  };
  const until = (path: string): Promise<string> =>
    vi.waitUntil(() => first(path), { timeout: 60_000, interval: 500 });
  const delivery = await until(`/v1/deliveries?state=dead&endpoint_id=${endpoint.id}`);
  const run = await until('/v1/trigger-runs?state=succeeded');
  const hour = 3_600_000;
  const { body: replay } = await world.call('POST', '/v1/replays', {
    direction: 'outbound',
    from: new Date(Date.now() - hour).toISOString(),
    to: new Date(Date.now() + hour).toISOString(),
    state: 'delivered',
  });
  return {
    event: String((JSON.parse(text) as { event_id: string }).event_id),
    delivery,
    run,
    channel: github.id,
    endpoint: endpoint.id,
    replay: String(replay['id']),
    rejected: await until('/v1/rejected-requests'),
    trigger: await until('/v1/triggers'),
    ...(await fillWork(world)),
  };
}

/** A session that has come to its result, an import with a bad item, and a budget that is exceeded. */
async function fillWork(world: ConsoleWorld): Promise<{ session: string; import: string }> {
  const budget = { period: 'month', amount: 1, currency: 'USD' };
  await world.call('PUT', '/v1/budgets', budget);
  const input = { pr_url: 'https://github.com/acme/checkout/pull/482', files: ['a.ts'] };
  const opening = { name: 'code-review', key: 'acme/checkout#482', user_id: 'lwei', input };
  const { body } = await world.call('POST', '/v1/sessions', opening);
  await world.call('POST', '/v1/sessions', opening);
  const session = String(body['id']);
  const step = { id: 's1', action: 'read_file', confidence: 0.93 };
  await world.call('POST', `/v1/sessions/${session}/steps`, step);
  const tool = { tool_name: 'search', args: {} };
  await world.call('POST', `/v1/sessions/${session}/tools`, { ...tool, id: 't1' });
  await world.call('POST', `/v1/sessions/${session}/tools`, { ...tool, id: 't2', error: 'No' });
  const artifacts = [{ name: 'report.md', url: 'https://reports.example.test/1' }];
  await world.call('POST', `/v1/sessions/${session}/finish`, { cost: 1.25, artifacts });
  const issue = { repository: 'acme/checkout', title: 'Slow', state: 'open' };
  const good = { ...issue, number: 1, url: 'https://jira.example.com/1' };
  const items = [good, { ...good, number: 'two' }];
  const { body: started } = await world.call('POST', '/v1/imports', { source: 'jira', items });
  return { session, import: String(started['id']) };
}

/** Nothing says that it loads, and what moved has come to rest. */
async function untilLoaded(page: Page): Promise<void> {
  const loading = page.locator('[aria-label^="Loading"], [aria-label^="Counting"]');
  await loading.first().waitFor({ state: 'detached' });
  await page.waitForTimeout(500); // Buttons fade from one state to the next.
}

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

async function findingsOn(page: Page): Promise<{ serious: string[]; isWide: boolean }> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<Finding[]>('axe.run().then(({ violations }) => violations)');
  const serious = found.filter(({ impact }) => ['serious', 'critical'].includes(impact));
  return {
    serious: serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`),
    isWide: await page.evaluate<boolean>(
      'document.documentElement.scrollWidth > window.innerWidth',
    ),
  };
}

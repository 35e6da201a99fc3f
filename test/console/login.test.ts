import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser } from '../support/browser.ts';
import { openConsoleWorld } from './console-world.ts';
import type { ConsoleWorld } from './console-world.ts';

describe.skipIf(!hasBrowser)('the login of the console', () => {
  let world: ConsoleWorld;
  beforeAll(async () => {
    world = await openConsoleWorld({ hasWorker: false });
  });
  afterAll(() => world.close());

  test('a stranger learns how to get in, and a link opens the page that was asked for', async () => {
    const page = await world.newPage();
    await page.goto(`${world.url}/console/events?source=github`);
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.getByText('npx durahook login-link').waitFor();

    const link = await world.loginLink();
    const other = await page.context().newPage();
    await other.goto(link);
    await other.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(new URL(other.url()).pathname).toBe('/console/');

    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Events' }).waitFor();
    expect(page.url()).toBe(`${world.url}/console/events?source=github`);

    const answer = await other.goto(link);
    expect(answer?.status()).toBe(401);
    await other.getByText('npx durahook login-link').waitFor();
    await page.context().close();
  });

  test('a login that has ended says so, and nothing of the page is lost', async () => {
    const page = await world.show('/deliveries?state=dead');
    await page.getByRole('heading', { name: 'Deliveries' }).waitFor();
    const [cookie] = await page.context().cookies();
    if (!cookie) throw new Error('There is no cookie');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
    await page.context().addCookies([{ ...cookie, value: `${cookie.value}x` }]);
    await page.reload();
    await page.getByRole('heading', { name: 'Your login has ended' }).waitFor();
    expect(page.url()).toContain('/console/deliveries?state=dead');
    await page.context().close();
  });

  test('logging out ends it', async () => {
    const page = await world.show('/');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.goto(`${world.url}/console/events`);
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.context().close();
  });

  test('Temporal Web UI needs the same login', async () => {
    const page = await world.newPage();
    expect((await page.goto(`${world.url}/temporal/`))?.status()).toBe(401);
    await page.getByText('npx durahook login-link').waitFor();
    await page.goto(await world.loginLink());
    expect((await page.goto(`${world.url}/temporal/`))?.status()).toBe(200);
    await page.context().close();
  });

  test('a server that goes away and comes back leaves the page as it was', async () => {
    const page = await world.show('/deliveries');
    await page.getByRole('heading', { name: 'Deliveries' }).waitFor();
    await world.stopServer();
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    await page.getByText('The server does not answer: trying again').waitFor();
    await world.startServer();
    await page.getByText('The server does not answer: trying again').waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Events' }).waitFor();
    await page.context().close();
  });

  test.each([
    ['/events/evt_0', 'There is no such thing'],
    ['/deliveries/dlv_000', 'There is no such thing'],
    ['/nowhere', 'There is no such page'],
    ['/dead-letters?view=list&cursor=bm9uZQ', 'The request does not match its schema'],
    ['/events?type=custom.nothing', 'Nothing matches the filters'],
  ])('%s is answered with words and a way on', async (path, words) => {
    const page = await world.show(path);
    await page.getByText(words).first().waitFor();
    await page.getByRole('navigation', { name: 'Pages' }).first().waitFor();
    await page.context().close();
  });

  test('no page asked anybody else, ran what was not ours, or threw', () => {
    expect(world.browser.complaints).toEqual([]);
  });
});

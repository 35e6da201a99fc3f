import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import type { OpenBrowser } from '../support/browser.ts';
import { openWorld } from '../support/world.ts';
import type { World, WorldOptions } from '../support/world.ts';

/** The whole platform, and a browser that looks at it. */
export interface ConsoleWorld extends World {
  readonly browser: OpenBrowser;
  /** A page of a browser that nobody is logged in to. */
  readonly newPage: OpenBrowser['newPage'];
  /** A page that is logged in and shows `/console` + path. */
  show(path: string, options?: Parameters<OpenBrowser['newPage']>[0]): Promise<Page>;
  /** A link that logs in, once; of this server. */
  loginLink(): Promise<string>;
}

export async function openConsoleWorld(options: WorldOptions = {}): Promise<ConsoleWorld> {
  const world = await openWorld(options);
  const browser = await openBrowser(world.url);
  const loginLink = async (): Promise<string> => {
    const { body } = await world.call('POST', '/v1/login-links', {});
    return String(body['url']);
  };
  return {
    ...world,
    browser,
    newPage: browser.newPage,
    loginLink,
    async show(path, pageOptions) {
      const page = await browser.newPage(pageOptions);
      const next = encodeURIComponent(`/console${path}`);
      await page.goto(`${await loginLink()}&next=${next}`);
      return page;
    },
    async close() {
      await browser.close();
      await world.close();
    },
  };
}

const pictures = process.env['SCREENSHOTS'];

/**
 * With `SCREENSHOTS=docs/images`, make the picture of a page anew; without, nothing.
 *
 * @param heightPx - only so much of its top; all of it when absent
 */
export async function keepPicture(page: Page, name: string, heightPx?: number): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  const path = join(pictures, `${name}.png`);
  const { width = 0 } = page.viewportSize() ?? {};
  const clip = heightPx === undefined ? {} : { clip: { x: 0, y: 0, width, height: heightPx } };
  await page.screenshot({ path, fullPage: true, ...clip });
}

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

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { onTestFailed } from 'vitest';
import { buildConsole } from '../../src/embedded/console-build.ts';

/** Where Debian and most others put it. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const program = places.find((place) => existsSync(place));

/** Whether tests in a browser can run here; where not, they are skipped and the end of the run says so. */
export const hasBrowser = program !== undefined;

/** A browser, and what went wrong in its pages. */
export interface OpenBrowser {
  /** A page of its own, with cookies of its own. */
  readonly newPage: (options?: {
    readonly width?: number;
    readonly isDark?: boolean;
  }) => Promise<Page>;
  /** Scripts that threw or opened a dialog, and requests that left the origin they were made from. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Chromium without a window. @param origin - the only one that pages may ask */
export async function openBrowser(origin: string): Promise<OpenBrowser> {
  if (program === undefined) throw new Error('There is no Chromium');
  await buildConsole((line) => void process.stdout.write(`${line}\n`));
  const browser: Browser = await chromium.launch({
    executablePath: program,
    args: ['--no-sandbox'], // Tests run as root in containers.
  });
  const complaints: string[] = [];
  return {
    complaints,
    async newPage({ width = 1280, isDark = false } = {}) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: isDark ? 'dark' : 'light',
        reducedMotion: 'reduce',
      });
      await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
      const page = await context.newPage();
      page.setDefaultTimeout(60_000); // A busy machine stands still for longer than 20 s.
      onTestFailed(async () => void process.stdout.write(await shownBy(page)), 10_000);
      page.on('dialog', (dialog) => {
        complaints.push(`opened a dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('pageerror', (error) => complaints.push(`threw: ${error.message}`));
      page.on('console', (message) => {
        if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
      });
      page.on('request', (request) => {
        const url = request.url();
        const isOurs = url.startsWith(`${origin}/`) || /^(?:data|blob|about):/.test(url);
        if (!isOurs) complaints.push(`asked ${url}`);
      });
      return page;
    },
    close: () => browser.close(),
  };
}

/** What a page shows in the end, for whoever reads why its test failed. */
async function shownBy(page: Page): Promise<string> {
  if (page.isClosed()) return '';
  const text = await page.locator('body').innerText({ timeout: 5000 });
  return `The page at ${new URL(page.url()).pathname} shows:\n${text.slice(0, 3000)}\n`;
}

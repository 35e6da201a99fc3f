import type { PageDefinition, PageModule } from '../page.ts';

/** The code of a page did not come. After a new version was installed, its file has another name. */
export class PageLoadError extends Error {
  override readonly name = 'PageLoadError';
}

/**
 * A page's code, for the router.
 *
 * @throws PageLoadError in place of what the browser says, at which the router would reload the page by itself: with
 * the server away, that leaves the browser's own error page.
 */
export function loadPage(load: PageDefinition['load']): () => Promise<PageModule> {
  return async () => {
    try {
      return await load();
    } catch (cause) {
      throw new PageLoadError('The code of this page could not be loaded', { cause });
    }
  };
}

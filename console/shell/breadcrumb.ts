import { pages } from '../pages/index.ts';
import type { PageDefinition } from '../page.ts';

/** Pages whose list is not the address above them. */
const parents: ReadonlyMap<string, string> = new Map([
  ['/triggers/new', '/triggers'],
  ['/triggers/$id/edit', '/triggers'],
]);

/** Where a path is: its page and the list it belongs to. Both undefined for an address that has no page. */
export function placeOf(path: string): {
  readonly page: PageDefinition | undefined;
  readonly parent: PageDefinition | undefined;
} {
  const wanted = path.replace(/\/$/, '') || '/';
  const page = pages.find((it) => patternOf(it.path).test(wanted));
  const parentPath = page && (parents.get(page.path) ?? page.path.replace(/\/\$id$/, ''));
  const parent = pages.find((it) => it.path === parentPath);
  return { page, parent: parent === page ? undefined : parent };
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace('$id', '[^/]+')}$`);
}

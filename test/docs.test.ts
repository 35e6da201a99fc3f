import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { rejectionReasons } from '../src/domain/channel.ts';

/** What the pages say about the code, held against the code. Each test prints what differs. */

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const pages = ['README.md', ...listPages('docs')].map((path) => ({ path, text: read(path) }));

describe('the pages', () => {
  test('relative links lead to a file, and to a heading of it', () => {
    const links = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)].map(([, link = '']) => ({ path, link })),
    );
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((link) => !leadsSomewhere(link))).toEqual([]);
  });

  test('every npm script that is named exists', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const known = new Set([...Object.keys(scripts), 'ci']);
    expect(missing(/\bnpm (?:run )?(?:-s )?([a-z][a-z:]*)/g, known)).toEqual([]);
  });

  test('every command of npx durahook that is named exists', () => {
    const commands = [
      ...listCommandFiles()
        .map(read)
        .join('')
        .matchAll(/\.command\('([a-z-]+)'\)/g),
    ];
    const known = new Set(commands.map(([, name = '']) => name));
    expect(missing(/npx durahook ([a-z-]+)/g, known)).toEqual([]);
  });

  test('the API page has each route of the server, and no other', () => {
    const headings = [...read('docs/api.md').matchAll(/^#+ ([A-Z]+ \/v1\/\S+)$/gm)];
    const documented = headings.map(([, heading = '']) => heading).toSorted();
    expect(documented).toEqual(routesOfServer().toSorted());
  });

  test('the README has each key of the configuration, and no other', () => {
    const [, schema = ''] = /const schema = z\.object\(\{\n([^]*?)\n\}\);/.exec(
      read('src/runtime/config.ts'),
    ) ?? [''];
    const keys = [...schema.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, key = '']) => key);
    expect(keys.length).toBeGreaterThan(10);
    const rows = [...read('README.md').matchAll(/^\| `([A-Z_]+)`/gm)].map(([, key = '']) => key);
    expect(rows.toSorted()).toEqual(keys.toSorted());
  });

  test('the ingress page has each rejection reason with its status', () => {
    const rows = [...read('docs/ingress.md').matchAll(/^\| `([a-z_]+)` +\| (\d{3}) /gm)];
    const documented = rows.map(([, reason = '', status]) => [reason, Number(status)]);
    expect(Object.fromEntries(documented)).toEqual(rejectionReasons);
  });
});

function listCommandFiles(): string[] {
  const files = readdirSync(join(root, 'src')).filter((file) => /^cli.*\.ts$/.test(file));
  return files.map((file) => `src/${file}`);
}

function listPages(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return listPages(path);
    return path.endsWith('.md') ? [path] : [];
  });
}

function leadsSomewhere({ path, link }: { path: string; link: string }): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? path : join(dirname(path), file);
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || anchorsOf(read(target)).includes(anchor);
}

/** As GitHub names the headings of a page. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** What a pattern finds in the pages and is not known, with the page. */
function missing(pattern: RegExp, known: ReadonlySet<string>): string[] {
  const named = pages.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map(([, name = '']) => ({ path, name })),
  );
  return named.filter(({ name }) => !known.has(name)).map(({ path, name }) => `${path}: ${name}`);
}

function routesOfServer(): string[] {
  return readdirSync(join(root, 'server/routes')).flatMap((file) => {
    const routes = read(`server/routes/${file}`).matchAll(
      /method: '([a-z]+)',\s+path: '(\/v1\/[^']+)'/g,
    );
    return [...routes].map(([, method = '', path = '']) => `${method.toUpperCase()} ${path}`);
  });
}

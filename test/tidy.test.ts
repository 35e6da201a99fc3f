import { describe, expect, test } from 'vitest';
import { importsOf, readSources, roomOf } from './support/source.ts';
import type { SourceFile } from './support/source.ts';

/**
 * The rules of the house that neither the compiler nor the linter can hold: which room may import
 * which, where a package lives, what a workflow reaches, and one word per thing. Each prints the
 * offending lines.
 */

const shared = ['src/domain', 'src/store', 'src/runtime'];

/** Which rooms a room may import, besides itself. */
const arrows: ReadonlyMap<string, readonly string[]> = new Map([
  ['src/domain', []],
  ['src/store', ['src/domain']],
  ['src/runtime', ['src/domain', 'src/store']],
  ['src/embedded', shared],
  ['src/client', []],
  ['console', ['src/client']],
  ['workflows', ['src/domain']],
  ['activities', shared],
  ['server', shared],
  ['entry', [...shared, 'src/embedded', 'server', 'activities']],
]);

/** Packages that have a home. The others may be imported anywhere but in workflows. */
const homes: ReadonlyMap<string, readonly string[]> = new Map([
  ['koa', ['server', 'entry']],
  ['@koa/send', ['server']],
  ['react', ['console']],
  ['openapi-fetch', ['src/client']],
  ['@koa/router', ['server']],
  ['knex', ['src/store']],
  ['zod', ['src/domain', 'src/runtime', 'src/embedded', 'server', 'activities', 'entry']],
  ['undici', ['activities', 'src/runtime', 'src/embedded', 'entry']],
  ['@bufbuild/cel', ['src/runtime']],
  ['@temporalio/workflow', ['workflows']],
  ['@temporalio/activity', ['activities']],
  ['@temporalio/worker', ['src/runtime']],
  ['@temporalio/client', ['src/runtime', 'src/embedded']],
]);

/** Words that have a better word. */
const betterWords: ReadonlyMap<string, string> = new Map([
  ['subscriber', 'consumer'],
  ['callbackUrl', 'endpoint'],
  ['redeliver', 'redrive'],
  ['FIXME', 'a fix'],
  ['TODO', 'a fix'],
]);

const sources = readSources(['src', 'server', 'workflows', 'activities', 'console', 'test']);
const production = [...sources.values()].filter((file) => roomOf(file.path) !== 'test');

describe('the house', () => {
  test('rooms import along the arrows', () => {
    const crossings = production.flatMap(({ path, imports }) => {
      const room = roomOf(path);
      const allowed = [room, ...(arrows.get(room) ?? [])];
      return imports
        .filter(({ isLocal, target }) => isLocal && !allowed.includes(roomOf(target)))
        .map(({ target }) => `${path} -> ${target}`);
    });
    expect(crossings).toEqual([]);
    expect(production.filter(({ path }) => !arrows.has(roomOf(path)))).toEqual([]);
  });

  test('a package with a home is imported at home only', () => {
    const strays = production.flatMap(({ path, imports }) =>
      imports
        .filter(({ isTypeOnly, target }) => !isTypeOnly && homes.has(target))
        .filter(({ target }) => !homes.get(target)?.includes(roomOf(path)))
        .map(({ target }) => `${path} -> ${target}`),
    );
    expect(strays).toEqual([]);
  });

  test('a workflow reaches no package but the SDK, followed through value imports', () => {
    const entries = production.filter(({ path }) => roomOf(path) === 'workflows');
    expect(packagesReachedFrom(entries.map(({ path }) => path))).toEqual([]);
  });

  test('the environment is read in one place', () => {
    const others = production.filter(({ path }) => path !== 'src/runtime/config.ts');
    expect(linesMatching(others, /process\.env/)).toEqual([]);
  });

  test('a thing has one word', () => {
    const misnamed = [...betterWords].flatMap(([word, better]) =>
      linesMatching(production, new RegExp(`\\b${word}s?\\b`, 'i')).map(
        (line) => `${line} <- say "${better}"`,
      ),
    );
    expect(misnamed).toEqual([]);
  });

  test('a silenced rule says why', () => {
    const silenced = /(?:oxlint|eslint)-disable(?!.* -- \w)|@ts-(?:ignore|expect-error)(?! \w)/;
    expect(linesMatching(production, silenced)).toEqual([]);
  });
});

describe('importsOf()', () => {
  test('tells values from types, and files from packages', () => {
    const text = [
      `import { a } from './a.ts';`,
      `import type { B } from '../b.ts';`,
      `export { c } from './c/d.ts';`,
      `import 'side-effect';`,
      `await import('@scope/pkg/sub');`,
    ].join('\n');
    expect(importsOf('room/x.ts', text)).toEqual([
      { target: 'room/a.ts', isLocal: true, isTypeOnly: false },
      { target: 'b.ts', isLocal: true, isTypeOnly: true },
      { target: 'room/c/d.ts', isLocal: true, isTypeOnly: false },
      { target: 'side-effect', isLocal: false, isTypeOnly: false },
      { target: '@scope/pkg', isLocal: false, isTypeOnly: false },
    ]);
  });
});

function packagesReachedFrom(entries: readonly string[]): string[] {
  const seen = new Set<string>();
  const found: string[] = [];
  const queue = [...entries];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const values = sources.get(path)?.imports.filter(({ isTypeOnly }) => !isTypeOnly) ?? [];
    for (const { target, isLocal } of values) {
      if (isLocal) queue.push(target);
      else if (target !== '@temporalio/workflow') found.push(`${path} -> ${target}`);
    }
  }
  return found;
}

function linesMatching(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [],
      ),
  );
}

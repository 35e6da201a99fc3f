import react from '@vitejs/plugin-react';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';
import type { Plugin, Rollup } from 'vite';

/** What a browser loads before it shows something, gzipped. More would be felt on a slow line. */
const firstLoadMax = 270 * 1024;

const page = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  root: page('.'),
  base: '/console/',
  plugins: [react(), refuseLargeFirstLoad(), addGzipped()],
  build: {
    outDir: page('../dist/console'),
    emptyOutDir: true,
    modulePreload: { polyfill: false }, // It would be an inline script, which our CSP refuses.
    assetsInlineLimit: 0, // Data URLs would need a hole in the CSP.
    chunkSizeWarningLimit: 2000, // The API's page alone: Swagger UI.
    rolldownOptions: { input: { console: page('index.html'), docs: page('docs/index.html') } },
  },
});

/** Fails the build when the entry, all that it imports at once, and its styles grow too large. */
function refuseLargeFirstLoad(): Plugin {
  return {
    name: 'refuse-large-first-load',
    generateBundle(_, bundle) {
      const sizeBytes = firstLoadOf(bundle)
        .map((file) => gzipSync(contentOf(file)).length)
        .reduce((sum, size) => sum + size, 0);
      const shown = `${Math.round(sizeBytes / 1024)} KiB gzipped`;
      if (sizeBytes > firstLoadMax) throw new Error(`The first load is ${shown}: at most 270 KiB`);
      this.info(`First load: ${shown}`);
    },
  };
}

/** A gzipped copy beside each file as it was written, which the server sends to browsers that take it. */
function addGzipped(): Plugin {
  return {
    name: 'add-gzipped',
    async writeBundle({ dir = '' }, bundle) {
      for (const name of Object.keys(bundle)) {
        const path = join(dir, name);
        await writeFile(`${path}.gz`, gzipSync(await readFile(path)));
      }
    },
  };
}

function firstLoadOf(bundle: Rollup.OutputBundle): (Rollup.OutputChunk | Rollup.OutputAsset)[] {
  const entry = Object.values(bundle).find(
    (file) => file.type === 'chunk' && file.isEntry && file.name === 'console',
  );
  if (entry?.type !== 'chunk') throw new Error('The build has no entry "console"');
  const names = new Set<string>();
  const queue = [entry.fileName];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (names.has(name)) continue;
    names.add(name);
    const file = bundle[name];
    if (file?.type === 'chunk')
      queue.push(...file.imports, ...(file.viteMetadata?.importedCss ?? []));
  }
  return [...names].flatMap((name) => bundle[name] ?? []);
}

function contentOf(file: Rollup.OutputChunk | Rollup.OutputAsset): string | Uint8Array {
  return file.type === 'chunk' ? file.code : file.source;
}

import { defineConfig } from 'vitest/config';

/** Each of these runs a whole platform beside a browser or a compiler: two are too much for two cores. */
const heavyTests = [
  'test/console/**/*.test.ts',
  'test/docs-writing-triggers.test.ts',
  'test/cli/trigger-new.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    pool: 'forks', // The Temporal core bridge is a native module: it does not survive worker threads.
    // A busy machine stands still for longer than one would think; what hangs fails all the same.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'one at a time',
          include: heavyTests,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'all others',
          include: ['test/**/*.test.ts'],
          exclude: heavyTests,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

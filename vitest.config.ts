import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/** Sample platforms and worked cases that lie beside the repository; test/shared runs where they do. */
const hasShared = existsSync(new URL('../shared', import.meta.url));

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real faults have a suite of their own: `npm run test:faults`.
    exclude: [...configDefaults.exclude, 'test/faults/**', ...(hasShared ? [] : ['test/shared/**'])],
    globalSetup: ['test/support/services/global-setup.ts'],
    // Tests that kill processes race with a machine that may be busy with others; a second failure is a failure.
    retry: process.env.CI === undefined ? 0 : 1,
    // One for each core: by itself vitest leaves one core to itself, and these tests wait more than they reckon.
    maxWorkers: availableParallelism(),
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

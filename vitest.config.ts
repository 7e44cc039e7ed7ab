import { existsSync } from 'node:fs';
import { configDefaults, defineConfig } from 'vitest/config';

/** Sample platforms and worked cases that lie beside the repository; test/shared runs where they do. */
const hasShared = existsSync(new URL('../shared', import.meta.url));

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(hasShared ? [] : ['test/shared/**'])],
    globalSetup: ['test/services/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

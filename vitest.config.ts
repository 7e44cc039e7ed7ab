import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/** Sample platforms and worked cases next to the repository. test/shared runs only if they exist. */
const hasShared = existsSync(new URL('../shared', import.meta.url));

const setup = (name: string): string => `test/support/setup/${name}.ts`;

/** A file belongs to the first project that names its folder. The last project has all other files. */
export const PROJECTS = [
  {
    name: 'browser',
    folders: ['test/browser'],
    timeoutMs: 120_000,
    globalSetup: [setup('services'), setup('worker'), setup('chromium')],
  },
  {
    name: 'edge',
    folders: ['test/edge', 'test/shared/edge', 'test/adapters/worker', 'test/adapters/durable-object'],
    timeoutMs: 120_000,
    globalSetup: [setup('product'), setup('services'), setup('worker')],
  },
  {
    name: 'e2e',
    folders: [
      'test/e2e',
      'test/entry',
      'test/escape',
      'test/load',
      'test/security',
      'test/shared',
      'test/simulation',
    ],
    timeoutMs: 120_000,
    globalSetup: [setup('product'), setup('services')],
  },
  {
    name: 'contract',
    folders: ['test/adapters', 'test/admin', 'test/support', 'test/verify'],
    timeoutMs: 30_000,
    globalSetup: [setup('services')],
  },
  { name: 'unit', folders: ['test'], timeoutMs: 5_000, globalSetup: [] },
];

const testsIn = (folders: readonly string[]): string[] => folders.map((folder) => `${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    // One for each core: vitest reserves one core by default, but these tests wait more than they compute.
    maxWorkers: availableParallelism(),
    projects: PROJECTS.map(({ name, folders, timeoutMs, globalSetup }, at) => ({
      test: {
        name,
        include: testsIn(folders),
        exclude: [
          ...configDefaults.exclude,
          ...PROJECTS.slice(0, at).flatMap((earlier) => testsIn(earlier.folders)),
          // Real faults have a suite of their own: `npm run test:faults`.
          'test/faults/**',
          ...(hasShared ? [] : ['test/shared/**']),
        ],
        globalSetup,
        testTimeout: timeoutMs,
        hookTimeout: timeoutMs,
        // A test waits for what it expects until it would time out itself, however busy the machine is.
        expect: { poll: { timeout: timeoutMs * 0.8 } },
        // Loading the same modules for each file takes a tenth of a run. Files that start a server of the product in the
        // process of the tests are isolated, because @hono/node-server replaces global objects.
        isolate: name === 'e2e' || name === 'edge' || name === 'browser',
      },
    })),
  },
});

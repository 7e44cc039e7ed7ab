/** Bundles the Worker like an upload, before the tests of a project that runs it. */

import type { TestProject } from 'vitest/node';
import { bundleWorker } from '../edge/bundle.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the bundled Worker. */
    workerBundle: string;
    /** Size of an upload, compressed with gzip. */
    workerGzipKib: number;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const bundle = await bundleWorker();
  project.provide('workerBundle', bundle.folder);
  project.provide('workerGzipKib', bundle.gzipKib);
  return bundle.remove;
}

/** Starts one Chromium for all tests that open pages, and installs Debian's if it is missing. */

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { installPackages } from '../services/debian.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address at which `openBrowser` connects to Chromium. */
    browserEndpoint: string;
  }
}

const CHROMIUM = '/usr/bin/chromium';

/** @returns a function that stops it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(CHROMIUM)) installPackages(['chromium']);
  const server = await chromium.launchServer({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  project.provide('browserEndpoint', server.wsEndpoint());
  return () => server.close();
}

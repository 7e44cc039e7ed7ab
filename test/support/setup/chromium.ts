/** Installs Debian's Chromium before the tests that open pages, if it is missing. */

import { existsSync } from 'node:fs';
import { installPackages } from '../services/debian.ts';

export const CHROMIUM = '/usr/bin/chromium';

export default function setup(): void {
  if (!existsSync(CHROMIUM)) installPackages(['chromium']);
}

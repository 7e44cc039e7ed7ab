/** Installs missing servers with Debian's package manager, if this user may. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

/**
 * Returns when all `packages` are installed. Throws an error that names the packages if they cannot be installed
 * here.
 */
export function installPackages(packages: readonly string[]): void {
  if (packages.length === 0) return;
  const command = `apt-get install --no-install-recommends ${packages.join(' ')}`;
  const reason = refusal();
  if (reason)
    throw new Error(`Missing on this machine: ${packages.join(', ')}. ${reason} As root: ${command}`);
  process.stderr.write(`Installing ${packages.join(' ')} ...\n`);
  if (packages.includes('postgresql')) forbidSystemCluster();
  apt('update');
  apt('install', '-y', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', ...packages);
}

function refusal(): string | undefined {
  if (spawnSync('apt-get', ['--version']).status !== 0)
    return 'Only Debian packages are installed automatically.';
  if (process.getuid?.() !== 0) return 'Only root may install packages.';
  return undefined;
}

/**
 * Without this the package creates a system-wide cluster on port 5432 and starts it. Tests need only the binaries.
 */
function forbidSystemCluster(): void {
  mkdirSync('/etc/postgresql-common', { recursive: true });
  try {
    writeFileSync('/etc/postgresql-common/createcluster.conf', 'create_main_cluster = false\n', {
      flag: 'wx',
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause; // The machine's own configuration is kept.
  }
}

function apt(...args: readonly string[]): void {
  // RUNLEVEL=1 keeps a package's scripts from starting its service, unless an init system decides otherwise.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  execFileSync('apt-get', ['-q', ...args], { env, stdio: ['ignore', 2, 2] });
}

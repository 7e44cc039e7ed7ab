/**
 * What the lock file promises, checked without a network: exact versions, a hash for every package, none from git or a
 * bare URL, and no package that runs a script while it is installed but those named here.
 *
 * usage: node .ci/dependencies.mjs [FOLDER]
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Build and test tools that fetch a binary for the machine, and @scarf/scarf, which `scarfSettings` in package.json turns off. */
const MAY_RUN_AT_INSTALL = ['@scarf/scarf', 'esbuild', 'sharp', 'workerd'];

const EXACT = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;
const STRONG_HASH = /^sha512-[A-Za-z0-9+/]{86}==$/;

const folder = process.argv[2] ?? '.';
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));

const faults = [...manifestFaults(), ...Object.entries(lock.packages).flatMap(packageFaults)];
for (const fault of faults) process.stdout.write(`dependencies: ${fault}\n`);
if (faults.length === 0) process.stdout.write(`dependencies: ${count()} packages are as they should be\n`);
process.exit(faults.length === 0 ? 0 : 1);

function manifestFaults() {
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
  const named = kinds.flatMap((kind) => Object.entries(manifest[kind] ?? {}));
  const loose = named.filter(([, version]) => !EXACT.test(version));
  const locked = kinds.flatMap((kind) => Object.entries(lock.packages[''][kind] ?? {}));
  const differing = named.filter(
    ([name, version]) => !locked.some((one) => one[0] === name && one[1] === version),
  );
  return [
    ...loose.map(
      ([name, version]) => `${name} is not pinned to one version (${version}); write that version`,
    ),
    ...differing.map(([name]) => `${name} is another one in package-lock.json; run npm install`),
  ];
}

function packageFaults([path, entry]) {
  if (path === '') return [];
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const faults = [];
  if (entry.link || !path.startsWith('node_modules/')) faults.push('is a link to a folder; name a version');
  // One that comes inside another's archive is under the hash of that.
  if (!entry.inBundle && !STRONG_HASH.test(entry.integrity ?? '')) faults.push('has no SHA-512 hash');
  if (/^(git|http:|file:|ssh)/.test(entry.resolved ?? '')) faults.push(`comes from ${entry.resolved}`);
  if (!EXACT.test(entry.version ?? '')) faults.push(`has no exact version (${entry.version})`);
  if (entry.hasInstallScript && !(entry.dev && MAY_RUN_AT_INSTALL.includes(name))) {
    faults.push('runs a script while it is installed; look at it, then name it in .ci/dependencies.mjs');
  }
  return faults.map((fault) => `${path} ${fault}`);
}

function count() {
  return Object.keys(lock.packages).length - 1;
}

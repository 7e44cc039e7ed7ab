/**
 * One process per folder, held by a real lock of the operating system on a file in it: it falls away when the process
 * dies, however it dies. What holding it means, and what is said where another has it, is its callers' affair.
 */

import { closeSync, fstatSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import locks from 'fs-native-extensions';

export type FolderLock =
  | { readonly kind: 'locked'; readonly unlock: () => void }
  | { readonly kind: 'in_use' }
  /** The folder cannot be made or written. */
  | { readonly kind: 'unusable'; readonly cause: Error };

/** Within one process the system's lock does not tell two openers apart on every platform; this does. */
const held = new Set<string>();

/** Makes the folder if need be and locks the file `name` in it. */
export function lockFolder(folder: string, name: string): FolderLock {
  const path = join(resolve(folder), name);
  if (held.has(path)) return { kind: 'in_use' };
  let fd: number;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    fd = openSync(path, 'a', 0o600);
  } catch (error) {
    return { kind: 'unusable', cause: error instanceof Error ? error : new Error(String(error)) };
  }
  if (!locks.tryLock(fd) || !isStillAt(path, fd)) {
    closeSync(fd);
    return { kind: 'in_use' };
  }
  held.add(path);
  const unlock = (): void => {
    if (held.delete(path)) closeSync(fd);
  };
  return { kind: 'locked', unlock };
}

/** False where the file was deleted or replaced between its opening and its locking: another may lock what is there. */
function isStillAt(path: string, fd: number): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino;
}

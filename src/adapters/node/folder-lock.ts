/**
 * Ensures one process per folder by a lock of the operating system on a file in it. The lock is released when the
 * process ends, even after a crash. Callers define the meaning of the lock and the error message.
 */

import { closeSync, fstatSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import locks from 'fs-native-extensions';

export type FolderLock =
  | { readonly kind: 'locked'; readonly unlock: () => void }
  | { readonly kind: 'in_use' }
  /** The folder cannot be created or written to. */
  | { readonly kind: 'unusable'; readonly cause: Error };

/** Locks of this process, because the system's lock does not exclude two openers in one process on every platform. */
const held = new Set<string>();

/** Creates the folder if needed and locks the file `name` in it. */
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

/** False if the file was deleted or replaced between opening and locking, so that another process may lock the new one. */
function isStillAt(path: string, fd: number): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino;
}

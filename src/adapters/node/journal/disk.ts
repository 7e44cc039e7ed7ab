/**
 * All file operations of a journal. A test can replace them by a disk that is full, loses or tears unsynced writes, or
 * fails.
 */

import * as fs from 'node:fs';
import { promisify } from 'node:util';

/** Errors are thrown as `node:fs` throws them, with `code` (`ENOSPC`, `EIO`, ...). */
export interface JournalDisk {
  /** Opens a file for appending; creates it if it does not exist. */
  openToAppend(path: string): number;
  /** Opens a file for appending and removes its content. */
  openEmpty(path: string): number;
  openToRead(path: string): number;
  close(fd: number): void;
  /** Appends `length` bytes from `offset` on. Returns the number of bytes written, which may be smaller. */
  write(fd: number, bytes: Uint8Array, offset: number, length: number): number;
  /** Truncates the file to `length` bytes. */
  truncate(fd: number, length: number): void;
  /** Reads from `position` into `into`. Returns the number of bytes read, which is smaller at the end of the file. */
  read(fd: number, into: Uint8Array, position: number): Promise<number>;
  readWhole(path: string): Buffer;
  /** Once it returns, the file's content survives a power failure. After an error, the state on disk is unknown. */
  sync(fd: number): void;
  /** Like `sync`, without blocking. */
  syncLater(fd: number): Promise<void>;
  /** Once it returns, all creations, renames and removals in the folder so far survive a power failure. */
  syncFolder(folder: string): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Names in the folder, in any order. */
  list(folder: string): string[];
  /** Null if the file does not exist. `modifiedMs`: time of the last write or `touch`, whole epoch milliseconds. */
  stat(path: string): { readonly bytes: number; readonly modifiedMs: number } | null;
  /** Sets `modifiedMs`. */
  touch(path: string, modifiedMs: number): void;
}

const fdatasync = promisify(fs.fdatasync);
const read = promisify(fs.read);
const OWNER_ONLY = 0o600;

export const nodeDisk: JournalDisk = {
  openToAppend: (path) => fs.openSync(path, 'a', OWNER_ONLY),
  openEmpty: (path) => {
    const fd = fs.openSync(path, 'a', OWNER_ONLY);
    fs.ftruncateSync(fd);
    return fd;
  },
  openToRead: (path) => fs.openSync(path, 'r'),
  close: fs.closeSync,
  write: (fd, bytes, offset, length) => fs.writeSync(fd, bytes, offset, length),
  truncate: fs.ftruncateSync,
  read: async (fd, into, position) => (await read(fd, into, 0, into.length, position)).bytesRead,
  readWhole: (path) => fs.readFileSync(path),
  sync: fs.fdatasyncSync,
  syncLater: fdatasync,
  syncFolder: (folder) => {
    const fd = fs.openSync(folder, 'r');
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  },
  rename: fs.renameSync,
  remove: fs.unlinkSync,
  list: (folder) => fs.readdirSync(folder),
  stat: (path) => {
    const stats = fs.statSync(path, { throwIfNoEntry: false });
    return stats === undefined ? null : { bytes: stats.size, modifiedMs: Math.floor(stats.mtimeMs) };
  },
  touch: (path, modifiedMs) => fs.utimesSync(path, modifiedMs / 1000, modifiedMs / 1000),
};

/**
 * The file operations that a journal uses, and no others, so that a test can put a disk of its own beneath it: one
 * that is full, loses what was not synced, tears it, or fails.
 */

import * as fs from 'node:fs';
import { promisify } from 'node:util';

/** Errors are thrown as `node:fs` throws them, with `code` (`ENOSPC`, `EIO`, ...). */
export interface JournalDisk {
  /** Opens a file for writing at its end; it is made where it is not there. */
  openToAppend(path: string): number;
  /** Opens an empty file for writing at its end; what was in it is gone. */
  openEmpty(path: string): number;
  openToRead(path: string): number;
  close(fd: number): void;
  /** Writes the first `length` bytes to the end of the file; returns how many were taken, which may be fewer. */
  write(fd: number, bytes: Uint8Array, offset: number, length: number): number;
  /** Cuts the file to `length` bytes. */
  truncate(fd: number, length: number): void;
  /** Fills `into` from `position` on; returns the bytes read, fewer at the end of the file. */
  read(fd: number, into: Uint8Array, position: number): Promise<number>;
  readWhole(path: string): Buffer;
  /** The file's content survives a loss of power once it returns. After it has thrown nobody knows what does. */
  sync(fd: number): void;
  /** The same without waiting. */
  syncLater(fd: number): Promise<void>;
  /** The names in the folder, as made, renamed and removed until now, survive a loss of power. */
  syncFolder(folder: string): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Names in the folder, in any order. */
  list(folder: string): string[];
  /** Null where there is no such file. `modifiedMs`: of the last write or `touch`, whole epoch milliseconds. */
  stat(path: string): { readonly bytes: number; readonly modifiedMs: number } | null;
  /** Sets `modifiedMs`. */
  touch(path: string, modifiedMs: number): void;
}

const fdatasync = promisify(fs.fdatasync);
const read = promisify(fs.read);
const ownerOnly = 0o600;

export const nodeDisk: JournalDisk = {
  openToAppend: (path) => fs.openSync(path, 'a', ownerOnly),
  openEmpty: (path) => {
    const fd = fs.openSync(path, 'a', ownerOnly);
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

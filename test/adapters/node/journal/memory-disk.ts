/**
 * A disk in memory for the journal's tests. It knows what was synced, loses and tears the rest at a loss of power, is
 * full at a limit, and fails on request. It forgets everything that a failed sync held and then reports it as clean,
 * as Linux may.
 */

import type { JournalDisk } from '../../../../src/adapters/node/journal/disk.ts';

interface File {
  content: Buffer;
  /** The part that survives any loss of power. */
  durable: Buffer;
  /** Ranges of failed syncs. The disk has zeros there, whatever is synced later. */
  lost: Array<[from: number, to: number]>;
  modifiedMs: number;
}

export type DiskOperation = Exclude<keyof JournalDisk, 'syncLater'>;

export class MemoryDisk implements JournalDisk {
  nowMs = 0;
  /** Maximum bytes of all files. */
  maxBytes = Number.POSITIVE_INFINITY;
  /** Maximum bytes that one `write` takes. */
  maxWrite = Number.POSITIVE_INFINITY;
  /** The code of the error with which the operation fails, or null. */
  fails: (operation: DiskOperation, path: string) => string | null = () => null;
  /** `syncLater` waits for it. */
  held: Promise<void> = Promise.resolve();
  readonly reads: string[] = [];
  #names = new Map<string, File>();
  #durableNames = new Map<string, File>();
  readonly #open = new Map<number, { readonly path: string; readonly file: File }>();
  #nextFd = 3;

  get openFiles(): number {
    return this.#open.size;
  }

  get bytes(): number {
    return [...this.#names.values()].reduce((sum, file) => sum + file.content.length, 0);
  }

  /** Ends the process, but not the machine. */
  kill(): void {
    this.#open.clear();
  }

  /** Keeps or loses each name and each byte that was not synced, by `chance` in [0, 1). */
  losePower(chance: () => number): void {
    this.#open.clear();
    const kept = chance() < 0.5 ? this.#durableNames : this.#names;
    this.#names = new Map(kept);
    for (const file of new Set(this.#names.values())) {
      const { content, durable } = file;
      const more = content.length - durable.length;
      if (more > 0) {
        const tail = Buffer.from(
          content.subarray(durable.length, durable.length + Math.floor(chance() * (more + 1))),
        );
        if (chance() < 0.3) tail.fill(0, Math.floor(chance() * tail.length));
        if (chance() < 0.2) tail.fill(0, 0, Math.floor(chance() * tail.length));
        file.content = Buffer.concat([durable, tail]);
      } else {
        file.content = chance() < 0.5 ? durable : content;
      }
      this.#forget(file);
      file.durable = file.content;
      file.lost = [];
    }
    this.#durableNames = new Map(this.#names);
  }

  /** Changes a file without any notification. */
  spoil(path: string, change: (content: Buffer) => Buffer): void {
    const file = this.#file(path);
    file.content = change(Buffer.from(file.content));
    file.durable = file.content;
  }

  content(path: string): Buffer {
    return this.#file(path).content;
  }

  openToAppend(path: string): number {
    return this.#openFile('openToAppend', path, true);
  }

  openEmpty(path: string): number {
    const fd = this.#openFile('openEmpty', path, true);
    const { file } = this.#open.get(fd)!;
    file.content = Buffer.alloc(0);
    file.lost = [];
    return fd;
  }

  openToRead(path: string): number {
    return this.#openFile('openToRead', path, false);
  }

  #openFile(operation: DiskOperation, path: string, make: boolean): number {
    this.#check(operation, path);
    if (make && !this.#names.has(path)) {
      this.#names.set(path, {
        content: Buffer.alloc(0),
        durable: Buffer.alloc(0),
        lost: [],
        modifiedMs: this.nowMs,
      });
    }
    const fd = this.#nextFd++;
    this.#open.set(fd, { path, file: this.#file(path) });
    return fd;
  }

  close(fd: number): void {
    if (!this.#open.delete(fd)) throw failure('EBADF', 'close', String(fd));
  }

  write(fd: number, bytes: Uint8Array, offset: number, length: number): number {
    const { path, file } = this.#opened(fd);
    this.#check('write', path);
    const room = this.maxBytes - this.bytes;
    if (room <= 0) throw failure('ENOSPC', 'write', path);
    const taken = Math.min(length, room, this.maxWrite);
    file.content = Buffer.concat([file.content, bytes.subarray(offset, offset + taken)]);
    file.modifiedMs = this.nowMs;
    return taken;
  }

  truncate(fd: number, length: number): void {
    const { path, file } = this.#opened(fd);
    this.#check('truncate', path);
    file.content = file.content.subarray(0, length);
    // What is written there later is new.
    file.lost = file.lost.map(([from, to]) => [Math.min(from, length), Math.min(to, length)]);
    file.modifiedMs = this.nowMs;
  }

  async read(fd: number, into: Uint8Array, position: number): Promise<number> {
    const { path, file } = this.#opened(fd);
    this.#check('read', path);
    this.reads.push(path);
    return file.content.copy(into, 0, position);
  }

  readWhole(path: string): Buffer {
    this.#check('readWhole', path);
    this.reads.push(path);
    return Buffer.from(this.#file(path).content);
  }

  sync(fd: number): void {
    const { path, file } = this.#opened(fd);
    try {
      this.#check('sync', path);
    } catch (error) {
      file.lost.push([file.durable.length, file.content.length]);
      throw error;
    }
    file.durable = Buffer.from(file.content);
    this.#forget(file);
  }

  async syncLater(fd: number): Promise<void> {
    const { path } = this.#opened(fd);
    await this.held;
    // The process may have died in the meantime.
    if (this.#open.has(fd)) this.sync(fd);
    else throw failure('EBADF', 'sync', path);
  }

  /** The disk never received what a failed sync held, although the file in memory still shows it. */
  #forget(file: File): void {
    for (const [from, to] of file.lost) if (from < file.durable.length) file.durable.fill(0, from, to);
  }

  syncFolder(folder: string): void {
    this.#check('syncFolder', folder);
    this.#durableNames = new Map(this.#names);
  }

  rename(from: string, to: string): void {
    this.#check('rename', from);
    const file = this.#file(from);
    this.#names.delete(from);
    this.#names.set(to, file);
  }

  remove(path: string): void {
    this.#check('remove', path);
    this.#file(path);
    this.#names.delete(path);
  }

  list(folder: string): string[] {
    this.#check('list', folder);
    return [...this.#names.keys()].map((path) => path.slice(folder.length + 1));
  }

  stat(path: string): { bytes: number; modifiedMs: number } | null {
    this.#check('stat', path);
    const file = this.#names.get(path);
    return file === undefined ? null : { bytes: file.content.length, modifiedMs: file.modifiedMs };
  }

  touch(path: string, modifiedMs: number): void {
    this.#check('touch', path);
    this.#file(path).modifiedMs = modifiedMs;
  }

  #file(path: string): File {
    const file = this.#names.get(path);
    if (file === undefined) throw failure('ENOENT', 'open', path);
    return file;
  }

  #opened(fd: number) {
    const opened = this.#open.get(fd);
    if (opened === undefined) throw failure('EBADF', 'use', String(fd));
    return opened;
  }

  #check(operation: DiskOperation, path: string): void {
    const code = this.fails(operation, path);
    if (code !== null) throw failure(code, operation, path);
  }
}

function failure(code: string, operation: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${operation} '${path}'`), { code });
}

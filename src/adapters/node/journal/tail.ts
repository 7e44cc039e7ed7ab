/**
 * The end of a journal: the file that is written now, and those before it that are full and not synced yet. A write
 * that fails leaves no half record behind.
 */

import type { JournalDisk } from './disk.ts';
import { writeWhole } from './folder.ts';

export class JournalTail {
  readonly #disk: JournalDisk;
  #fd: number;
  /** Files of full segments that are not synced yet, oldest first. */
  #full: number[] = [];
  /** A write stopped half way and could not be cut back: nothing is written before that has been repaired. */
  #halfWritten = false;

  constructor(disk: JournalDisk, path: string) {
    this.#disk = disk;
    this.#fd = disk.openToAppend(path);
  }

  /** Writes behind the `end` bytes that are there. Throws as the disk does; nothing is written then. */
  write(bytes: Uint8Array, length: number, end: number): void {
    if (this.#halfWritten) this.#cutBack(end);
    try {
      writeWhole(this.#disk, this.#fd, bytes, length);
    } catch (error) {
      this.undo(end);
      throw error;
    }
  }

  /** Takes back what was written behind `end`, now or before the next write. */
  undo(end: number): void {
    this.#halfWritten = true;
    this.#cutBack(end);
  }

  #cutBack(end: number): void {
    this.#disk.truncate(this.#fd, end);
    this.#halfWritten = false;
  }

  /** Goes on in a new file, once what stands half written behind `end` in this one is gone. */
  goOn(path: string, end: number): void {
    if (this.#halfWritten) this.#cutBack(end);
    const fd = this.#disk.openToAppend(path);
    this.#full.push(this.#fd);
    this.#fd = fd;
  }

  /** Goes on in a file that is open and synced; what was in the others stands there too. */
  replace(fd: number): void {
    const others = [...this.#full.splice(0), this.#fd];
    this.#fd = fd;
    this.#halfWritten = false;
    for (const other of others) {
      try {
        this.#disk.close(other);
      } catch {
        // A failing disk may say once more that it failed: nothing in that file is needed.
      }
    }
  }

  sync(folder: string): void {
    for (const fd of this.#full) this.#disk.sync(fd);
    this.#disk.sync(this.#fd);
    this.#synced(this.#full.length, folder);
  }

  /** In the order of writing, so that what is synced is always a beginning of the journal. */
  async syncLater(folder: string): Promise<void> {
    const full = this.#full.length;
    // Now, not later: the next append may go on in another file.
    const fds = [...this.#full, this.#fd];
    for (const fd of fds) await this.#disk.syncLater(fd);
    this.#synced(full, folder);
  }

  #synced(full: number, folder: string): void {
    if (full === 0) return;
    this.#disk.syncFolder(folder);
    for (const fd of this.#full.splice(0, full)) this.#disk.close(fd);
  }

  close(): void {
    for (const fd of [...this.#full.splice(0), this.#fd]) this.#disk.close(fd);
  }
}

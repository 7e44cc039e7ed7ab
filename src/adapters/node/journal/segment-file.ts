/**
 * The file of the newest segment, and the full files before it that are not synced yet. A failed write leaves no
 * partial record.
 */

import type { JournalDisk } from './disk.ts';
import { writeWhole } from './folder.ts';

export class SegmentFile {
  readonly #disk: JournalDisk;
  #fd: number;
  /** Files of full segments that are not synced, oldest first. */
  #full: number[] = [];
  /** True while a partial record could not be truncated. The next write truncates it first. */
  #isHalfWritten = false;

  constructor(disk: JournalDisk, path: string) {
    this.#disk = disk;
    this.#fd = disk.openToAppend(path);
  }

  /** Writes after the first `end` bytes. Throws disk errors; nothing is written in that case. */
  write(bytes: Uint8Array, length: number, end: number): void {
    if (this.#isHalfWritten) this.#truncate(end);
    try {
      writeWhole(this.#disk, this.#fd, bytes, length);
    } catch (error) {
      this.undo(end);
      throw error;
    }
  }

  /** Removes what was written after `end`, now or before the next write. */
  undo(end: number): void {
    this.#isHalfWritten = true;
    this.#truncate(end);
  }

  #truncate(end: number): void {
    this.#disk.truncate(this.#fd, end);
    this.#isHalfWritten = false;
  }

  /** Truncates a partial record after `end`, then continues in a new file. */
  switchTo(path: string, end: number): void {
    if (this.#isHalfWritten) this.#truncate(end);
    const fd = this.#disk.openToAppend(path);
    this.#full.push(this.#fd);
    this.#fd = fd;
  }

  /** Continues in a file that is open and synced and contains the records of the others. */
  replace(fd: number): void {
    const others = [...this.#full.splice(0), this.#fd];
    this.#fd = fd;
    this.#isHalfWritten = false;
    for (const other of others) {
      try {
        this.#disk.close(other);
      } catch {
        // A failing disk may report its error again. Nothing in that file is needed.
      }
    }
  }

  sync(folder: string): void {
    for (const fd of this.#full) this.#disk.sync(fd);
    this.#disk.sync(this.#fd);
    this.#synced(this.#full.length, folder);
  }

  /** Syncs in the order of writing, so that the synced records are always a prefix of the journal. */
  async syncLater(folder: string): Promise<void> {
    const full = this.#full.length;
    // Copied now, because the next append may switch to another file.
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

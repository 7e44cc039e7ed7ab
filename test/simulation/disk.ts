/**
 * A disk that can be full, read-only or failing. On a loss of power it keeps at most a beginning of the unsynced data,
 * with the last piece torn. The files outlive the process that writes them.
 */

import { basename } from 'node:path';
import type { JournalDisk } from '../../src/adapters/node/journal/disk.ts';
import type { SimulatedProcess } from './process.ts';
import type { Random } from './random.ts';
import type { Tally } from './tally.ts';

interface Change {
  readonly id: number;
  /** Start of the write. A truncation starts at the new length. */
  readonly at: number;
  /** Null is a truncation. */
  readonly bytes: Buffer | null;
  /**
   * If true, a failed sync has dropped the write: it is read back until power is lost, and never reaches the platter.
   */
  isDoomed: boolean;
}

/** The contents that are read back now, the contents on the platter, and the writes between the two. */
export class Inode {
  content: Buffer = Buffer.alloc(0);
  durable: Buffer = Buffer.alloc(0);
  changes: Change[] = [];
  modifiedMs = 0;
}

type NameChange = { readonly name: string; readonly inode: Inode | null };

/** Faults of the disk that a process may meet. */
export interface DiskWeather {
  /** Number of bytes that may still be written. Infinity is no bound. */
  leftBytes: number;
  isReadOnly: boolean;
  /** Share of the operations that fail with EIO. */
  failureRate: number;
  /** The process dies at the operation after this many others. Infinity means that it does not. */
  operationsToCrash: number;
}

const SOUND: Readonly<DiskWeather> = {
  leftBytes: Number.POSITIVE_INFINITY,
  isReadOnly: false,
  failureRate: 0,
  operationsToCrash: Number.POSITIVE_INFINITY,
};

export class SimulatedPlatter {
  readonly names = new Map<string, Inode>();
  readonly durableNames = new Map<string, Inode>();
  readonly nameChanges: NameChange[] = [];
  weather: DiskWeather = { ...SOUND };
  nextChange = 0;

  get isSound(): boolean {
    const { leftBytes, isReadOnly, failureRate } = this.weather;
    return leftBytes === Number.POSITIVE_INFINITY && !isReadOnly && failureRate === 0;
  }

  repair(): void {
    this.weather = { ...SOUND };
  }

  /** Writes the data that a failed sync has dropped. */
  forgive(): void {
    for (const inode of this.names.values()) for (const change of inode.changes) change.isDoomed = false;
  }

  rename(name: string, inode: Inode | null): void {
    if (inode === null) this.names.delete(name);
    else this.names.set(name, inode);
    this.nameChanges.push({ name, inode });
  }

  /** The contents of the files after a loss of power now, if no unsynced data survived. */
  *durableFiles(): Iterable<Buffer> {
    for (const [name, inode] of this.durableNames) if (isOfRecords(name)) yield inode.durable;
  }

  *files(): Iterable<Buffer> {
    for (const name of [...this.names.keys()].sort())
      if (isOfRecords(name)) yield this.names.get(name)!.content;
  }

  /** Loses the unsynced data except for a beginning. */
  losePower(random: Random): void {
    for (const { name, inode } of this.nameChanges.splice(0, random.int(0, this.nameChanges.length))) {
      applyName(this.durableNames, name, inode);
    }
    this.nameChanges.length = 0;
    this.names.clear();
    for (const [name, inode] of this.durableNames) {
      this.names.set(name, inode);
      keepBeginning(inode, random);
    }
  }
}

function isOfRecords(name: string): boolean {
  return name.endsWith('.journal') || name.endsWith('.mend');
}

function applyName(names: Map<string, Inode>, name: string, inode: Inode | null): void {
  if (inode === null) names.delete(name);
  else names.set(name, inode);
}

function keepBeginning(inode: Inode, random: Random): void {
  const kept = random.int(0, inode.changes.length);
  for (const [index, change] of inode.changes.entries()) {
    if (index < kept) inode.durable = withChange(inode.durable, change);
    else if (index === kept && change.bytes !== null && !change.isDoomed && random.chance(0.5)) {
      inode.durable = withChange(inode.durable, { ...change, bytes: torn(change.bytes, random) });
    }
  }
  inode.changes = [];
  inode.content = inode.durable;
}

/** Keeps half of the write, followed by nothing, by zeros, or by the previous contents. */
function torn(bytes: Buffer, random: Random): Buffer {
  const half = random.int(0, bytes.length);
  const rest = random.pick(['nothing', 'zeros', 'rubbish']);
  if (rest === 'nothing') return bytes.subarray(0, half);
  const result = Buffer.alloc(bytes.length, rest === 'zeros' ? 0 : 0x5a);
  bytes.copy(result, 0, 0, half);
  return result;
}

function withChange(content: Buffer, { at, bytes, isDoomed }: Change): Buffer {
  if (bytes === null) return content.subarray(0, at);
  const result = Buffer.alloc(Math.max(content.length, at + bytes.length));
  content.copy(result);
  if (isDoomed) result.fill(0, at, at + bytes.length);
  else bytes.copy(result, at);
  return result;
}

/** The disk as one process sees it until the process dies. */
export class SimulatedDisk implements JournalDisk {
  readonly #platter: SimulatedPlatter;
  readonly #process: SimulatedProcess;
  readonly #random: Random;
  readonly #tally: Tally;
  readonly #nowMs: () => number;
  readonly #onCrash: () => void;
  readonly #open = new Map<number, { readonly path: string; readonly inode: Inode }>();
  #nextFd = 3;

  constructor(options: {
    readonly platter: SimulatedPlatter;
    readonly process: SimulatedProcess;
    readonly random: Random;
    readonly tally: Tally;
    readonly nowMs: () => number;
    /** Called at the moment when the process dies. */
    readonly onCrash: () => void;
  }) {
    this.#platter = options.platter;
    this.#process = options.process;
    this.#random = options.random;
    this.#tally = options.tally;
    this.#nowMs = options.nowMs;
    this.#onCrash = options.onCrash;
  }

  openToAppend(path: string): number {
    const inode = this.#platter.names.get(path);
    this.#step('open', inode === undefined);
    return this.#opened(path, inode ?? this.#made(path));
  }

  openEmpty(path: string): number {
    this.#step('open', true);
    const inode = this.#platter.names.get(path) ?? this.#made(path);
    this.#change(inode, 0, null);
    return this.#opened(path, inode);
  }

  openToRead(path: string): number {
    this.#step('open', false);
    return this.#opened(path, this.#existing(path));
  }

  close(fd: number): void {
    this.#open.delete(fd);
  }

  write(fd: number, bytes: Uint8Array, offset: number, length: number): number {
    const { inode } = this.#fileOf(fd);
    const isCrash = this.#isCrash();
    if (!isCrash) this.#step('write', true);
    const { weather } = this.#platter;
    if (!isCrash && weather.leftBytes <= 0) throw this.#failure('ENOSPC', 'write');
    const taken = isCrash ? this.#random.int(0, length) : Math.min(length, weather.leftBytes);
    weather.leftBytes -= taken;
    const at = inode.content.length;
    if (taken > 0) this.#change(inode, at, Buffer.from(bytes.subarray(offset, offset + taken)));
    if (isCrash) this.#crash('write');
    if (taken < length) this.#tally.count('disk: write in part');
    return taken;
  }

  truncate(fd: number, length: number): void {
    this.#step('truncate', true);
    this.#change(this.#fileOf(fd).inode, length, null);
  }

  read(fd: number, into: Uint8Array, position: number): Promise<number> {
    return this.#later('read', () => this.#fileOf(fd).inode.content.copy(into, 0, position));
  }

  readWhole(path: string): Buffer {
    this.#step('read', false);
    return Buffer.from(this.#existing(path).content);
  }

  sync(fd: number): void {
    const { inode } = this.#fileOf(fd);
    this.#stepOfSync(inode, this.#platter.nextChange);
    makeDurable(inode, this.#platter.nextChange);
  }

  syncLater(fd: number): Promise<void> {
    const { inode } = this.#fileOf(fd);
    const upTo = this.#platter.nextChange;
    return this.#later(
      'sync',
      () => makeDurable(inode, upTo),
      () => this.#doom(inode, upTo),
    );
  }

  syncFolder(): void {
    this.#step('sync', false);
    for (const { name, inode } of this.#platter.nameChanges.splice(0)) {
      applyName(this.#platter.durableNames, name, inode);
    }
  }

  rename(from: string, to: string): void {
    this.#step('rename', true);
    const inode = this.#existing(from);
    this.#platter.rename(from, null);
    this.#platter.rename(to, inode);
  }

  remove(path: string): void {
    this.#step('remove', true);
    this.#existing(path);
    this.#platter.rename(path, null);
  }

  list(folder: string): string[] {
    this.#step('list', false);
    const names = [...this.#platter.names.keys()];
    return names.filter((name) => name.startsWith(`${folder}/`)).map((name) => basename(name));
  }

  stat(path: string): { bytes: number; modifiedMs: number } | null {
    this.#step('stat', false);
    const inode = this.#platter.names.get(path);
    return inode === undefined ? null : { bytes: inode.content.length, modifiedMs: inode.modifiedMs };
  }

  touch(path: string, modifiedMs: number): void {
    this.#step('touch', true);
    this.#existing(path).modifiedMs = modifiedMs;
  }

  #change(inode: Inode, at: number, bytes: Buffer | null): void {
    const change = { id: this.#platter.nextChange++, at, bytes, isDoomed: false };
    inode.changes.push(change);
    inode.content = withChange(inode.content, change);
    inode.modifiedMs = this.#nowMs();
  }

  #opened(path: string, inode: Inode): number {
    const fd = this.#nextFd++;
    this.#open.set(fd, { path, inode });
    return fd;
  }

  #made(path: string): Inode {
    const inode = new Inode();
    inode.modifiedMs = this.#nowMs();
    this.#platter.rename(path, inode);
    return inode;
  }

  #existing(path: string): Inode {
    const inode = this.#platter.names.get(path);
    if (inode === undefined) throw this.#failure('ENOENT', path);
    return inode;
  }

  #fileOf(fd: number) {
    const file = this.#open.get(fd);
    if (file === undefined) throw this.#failure('EBADF', String(fd));
    return file;
  }

  /** One operation. The process may die at it, or the disk may refuse it. */
  #step(what: string, changes: boolean): void {
    if (this.#isCrash()) this.#crash(what);
    const { weather } = this.#platter;
    if (changes && weather.isReadOnly) throw this.#failure('EROFS', what);
    if (this.#random.chance(weather.failureRate)) throw this.#failure('EIO', what);
  }

  #stepOfSync(inode: Inode, upTo: number): void {
    try {
      this.#step('sync', false);
    } catch (error) {
      this.#doom(inode, upTo);
      throw error;
    }
  }

  /** The kernel has dropped the data that it could not write, and no longer marks it as dirty. */
  #doom(inode: Inode, upTo: number): void {
    if (!this.#process.alive || this.#random.chance(0.3)) return;
    this.#tally.count('disk: failed sync forgot what it had');
    for (const change of inode.changes) if (change.id < upTo && change.bytes !== null) change.isDoomed = true;
  }

  #later<T>(what: string, run: () => T, onFailure: () => void = () => {}): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#process.later(this.#random.next() ** 4 * 200, () => {
        try {
          this.#step(what, false);
        } catch (error) {
          onFailure();
          return reject(error);
        }
        resolve(run());
      });
    });
  }

  #isCrash(): boolean {
    if (!this.#process.alive) throw this.#failure('EIO', 'the process is dead');
    return this.#platter.weather.operationsToCrash-- <= 0;
  }

  #crash(what: string): never {
    this.#platter.weather.operationsToCrash = Number.POSITIVE_INFINITY;
    this.#onCrash();
    throw this.#failure('EIO', `the process died at ${what}`);
  }

  #failure(code: string, what: string): Error {
    if (this.#process.alive && code !== 'ENOENT') this.#tally.count(`disk: ${code}`);
    return Object.assign(new Error(`${code}: ${what}`), { code });
  }
}

function makeDurable(inode: Inode, upTo: number): void {
  while (inode.changes[0] !== undefined && inode.changes[0].id < upTo) {
    inode.durable = withChange(inode.durable, inode.changes.shift()!);
  }
}

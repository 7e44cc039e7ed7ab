/** The register of invoice numbers as a file in DATA_DIR: one line of JSON per entry, appended and synced, never edited. */

import { mkdir, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import {
  type KnownNumbers,
  type NumberRegister,
  type RegisteredNumber,
  register,
} from '../../invoice/register.ts';
import { DEFAULT_SERIES } from '../../seller/model.ts';

const FILE = 'invoice-numbers.jsonl';
const NEWLINE = 0x0a;

const entrySchema = z.strictObject({
  /** Absent from entries that are older than sellers. */
  series: z.string().default(DEFAULT_SERIES),
  number: z.int().min(1),
  invoiceId: z.string(),
  contentHash: z.string().nullable(),
  issuedAtMs: z.int(),
  isGiven: z.boolean(),
});

/** Several processes may share a DATA_DIR: each reads what the others appended. */
export function fileNumberRegister(dataDir: string): NumberRegister {
  return new FileNumberRegister(resolve(dataDir));
}

class FileNumberRegister implements NumberRegister {
  readonly #folder: string;
  readonly #known = new Map<string, Map<number, RegisteredNumber>>();
  #readBytes = 0;
  #readLines = 0;
  /** Reads and writes of this process take turns. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(): Promise<KnownNumbers> {
    return this.#inTurn(async () => {
      await this.#readNew();
      return new Map(Array.from(this.#known, ([series, entries]) => [series, new Map(entries)]));
    });
  }

  write(numbers: readonly RegisteredNumber[]): Promise<void> {
    if (numbers.length === 0) return Promise.resolve();
    return this.#inTurn(async () => {
      await this.#readNew();
      const file = await this.#open();
      try {
        // Removes a partial line of a process that crashed while writing. Its transaction was never committed.
        await file.truncate(this.#readBytes);
        await file.appendFile(numbers.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#readNew();
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  get #path(): string {
    return join(this.#folder, FILE);
  }

  async #open() {
    await mkdir(this.#folder, { recursive: true });
    return open(this.#path, 'a+', 0o600);
  }

  /** Reads the complete lines that were appended since the last read. */
  async #readNew(): Promise<void> {
    const file = await this.#open();
    try {
      const { size } = await file.stat();
      const bytes = Buffer.alloc(Math.max(0, size - this.#readBytes));
      await file.read(bytes, 0, bytes.length, this.#readBytes);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
      const entries = lines.map((line, at) => this.#parse(line, this.#readLines + at + 1));
      for (const entry of entries) register(this.#known, entry);
      this.#readBytes += end;
      this.#readLines += lines.length;
    } finally {
      await file.close();
    }
  }

  #parse(line: string, lineNumber: number): RegisteredNumber {
    try {
      return entrySchema.parse(JSON.parse(line));
    } catch (cause) {
      throw new Error(
        `${this.#path}, line ${lineNumber} is not an entry of the register of invoice numbers: nothing is issued until ` +
          'the line is restored from a copy of the file.',
        { cause },
      );
    }
  }
}

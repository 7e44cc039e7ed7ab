/** Fetches the directories that requests have named, after those requests, and takes over what other processes fetched. */

import type { JWK } from 'jose';
import { hasResult } from './fetch-directory.ts';
import type { SignatureKey } from './key.ts';
import { KnownDirectories } from './known-directories.ts';
import type { StoredDirectory } from './port.ts';
import { isWellKnownDirectory, type Signer, signerOf } from './signer.ts';

export interface DirectoryResolverOptions {
  /**
   * Makes or shares one attempt; null if there is no result yet.
   * @param knownMs when the last known attempt was made; null if none is known.
   */
  readonly resolve: (signer: Signer, knownMs: number | null) => Promise<StoredDirectory | null>;
  /** Imports usable keys. @param requiresKid whether a `kid` must be the key's thumbprint. */
  readonly importKeys: (keys: readonly JWK[], requiresKid: boolean) => Promise<SignatureKey[]>;
  /** Runs a task once the current request is on its way. */
  readonly defer: (task: () => Promise<void>) => void;
  readonly nowMs: () => number;
  /** A limit forbids the fetch of a directory. */
  readonly onDropped: () => void;
  /** A directory could not be asked for; a later request tries again. */
  readonly onError: (error: unknown) => void;
}

export class DirectoryResolver {
  readonly #options: DirectoryResolverOptions;
  readonly directories: KnownDirectories;

  constructor(options: DirectoryResolverOptions) {
    this.#options = options;
    this.directories = new KnownDirectories(() => options.defer(() => this.#fetchAll()), options.onDropped);
  }

  /** Takes over directories from the ledger. */
  async learn(stored: readonly StoredDirectory[]): Promise<void> {
    for (const directory of stored) {
      if (!hasResult(directory) || !this.directories.lacks(directory.name, directory.triedMs)) continue;
      this.directories.learn({ ...directory, keys: await this.#keysOf(directory) });
    }
  }

  async #fetchAll(): Promise<void> {
    const fetches: Promise<void>[] = [];
    for (let signer = this.directories.take(); signer !== null; signer = this.directories.take()) {
      fetches.push(this.#fetch(signer));
    }
    await Promise.all(fetches);
  }

  async #fetch(signer: Signer): Promise<void> {
    try {
      const stored = await this.#options.resolve(signer, this.directories.triedMsOf(signer.name));
      const keys = stored === null ? [] : await this.#keysOf(stored);
      this.directories.finish(signer, stored === null ? null : { ...stored, keys }, this.#options.nowMs());
    } catch (error) {
      this.directories.finish(signer, null, this.#options.nowMs());
      this.#options.onError(error);
    }
    // A place is free for a directory that waits.
    await this.#fetchAll();
  }

  #keysOf({ name, keys }: StoredDirectory): Promise<SignatureKey[]> {
    const signer = signerOf(name);
    return this.#options.importKeys(keys, signer !== null && isWellKnownDirectory(signer));
  }
}

/** The directories of signers of a ledger in memory, for tests. */

import type { DirectoryStore, StoredDirectory } from '../../../src/identify/signature/port.ts';

export interface MemoryDirectories extends DirectoryStore {
  readonly rows: Map<string, StoredDirectory>;
}

export function memoryDirectories(): MemoryDirectories {
  const rows = new Map<string, StoredDirectory>();
  return {
    rows,
    read: async (name) => rows.get(name) ?? null,
    claim: async (name, nowMs, triedMs) => {
      const row = rows.get(name);
      if ((row?.triedMs ?? null) !== triedMs) return false;
      const empty = { name, fetchedMs: null, freshUntilMs: null, keys: [], failure: null, failures: 0 };
      rows.set(name, { ...(row ?? empty), triedMs: nowMs });
      return true;
    },
    save: async (directory) => void rows.set(directory.name, directory),
    triedSince: async (fromMs) => [...rows.values()].filter(({ triedMs }) => triedMs >= fromMs),
    forget: async () => {},
  };
}

/**
 * What the directory object does for the checks of agents: it fetches lists and directories of signers, asks DNS, and
 * shares all of them through the ledger.
 */

import { parseAddress } from '../../identify/address.ts';
import type { CatalogueAgent } from '../../identify/asker/port.ts';
import { STRANGER_LIMITS } from '../../identify/public-fetch.ts';
import { isListDue } from '../../identify/ranges/agent-list.ts';
import { KnownLists } from '../../identify/ranges/known-lists.ts';
import type { StoredList } from '../../identify/ranges/port.ts';
import { refreshLists } from '../../identify/ranges/refresh-lists.ts';
import { verdictFinder } from '../../identify/reverse-dns/find-verdict.ts';
import type { FindVerdict, ReverseVerdict } from '../../identify/reverse-dns/port.ts';
import { fetchShared } from '../../identify/signature/fetch-directory.ts';
import type { StoredDirectory } from '../../identify/signature/port.ts';
import type { Signer } from '../../identify/signature/signer.ts';
import { httpsReverseDns } from '../edge/dns-over-https.ts';
import { edgeFetchPublic } from '../edge/fetch-public.ts';
import type { LedgerDb } from '../postgres/connection/db.ts';
import { agentListStore } from '../postgres/rights/agent-lists.ts';
import { agentVerdictStore } from '../postgres/rights/agent-verdicts.ts';
import { postgresDirectories } from '../postgres/rights/directories.ts';

export interface ObjectAgentsOptions {
  readonly db: LedgerDb;
  readonly agents: readonly CatalogueAgent[];
  readonly isOffline: boolean;
  /** URL of DNS over HTTPS. */
  readonly dns: string;
  readonly nowMs: () => number;
  readonly onError: (error: unknown) => void;
}

/** Lists that are fetched in one turn, because the object has other work. */
const MAX_LISTS = 4;
/** Time from the start of the object to its first look for lists that are due. */
const FIRST_LOOK_MS = 30_000;
const LOOK_EVERY_MS = 60_000;
const MAX_JITTER_MS = 2 * 3_600_000;
/** Addresses that are asked for at a time. */
const MAX_IN_FLIGHT = 32;
const KEPT_MS = 7 * 86_400_000;
/** Directories that are fetched at a time, for all isolates. */
const MAX_DIRECTORIES = 8;

export class ObjectAgents {
  readonly #options: ObjectAgentsOptions;
  readonly #find: FindVerdict;
  readonly #jitterMs = Math.random() * MAX_JITTER_MS;
  readonly #known: KnownLists;
  #lookMs: number;
  #inFlight = 0;
  /** By the name of the signer. */
  readonly #directories = new Map<string, Promise<StoredDirectory | null>>();

  constructor(options: ObjectAgentsOptions) {
    this.#options = options;
    const { db, nowMs } = options;
    this.#known = new KnownLists(options.agents, []);
    this.#lookMs = nowMs() + FIRST_LOOK_MS;
    this.#find = verdictFinder({
      store: agentVerdictStore(db),
      reverseDns: httpsReverseDns(options.dns),
      nowMs,
      onStoreError: options.onError,
    });
  }

  /** The stored lists. Prefixes that the caller knows are left out. */
  lists(knownMs: ReadonlyMap<string, number | null>): Promise<readonly StoredList[]> {
    return agentListStore(this.#options.db).lists([...knownMs.keys()], knownMs);
  }

  /** The verdict for an address that claims an agent. Null if it is not asked for now. */
  async verdict(addressText: string, token: string): Promise<ReverseVerdict | null> {
    const { agents, isOffline } = this.#options;
    const address = parseAddress(addressText);
    const agent = agents.find((one) => one.token === token);
    if (address === null || agent === undefined || isOffline || this.#inFlight >= MAX_IN_FLIGHT) return null;
    this.#inFlight++;
    try {
      return await this.#find(address, agent);
    } finally {
      this.#inFlight--;
    }
  }

  /** Isolates that ask at the same time share one fetch. Null if there is no result yet. */
  signerDirectory(signer: Signer, knownMs: number | null): Promise<StoredDirectory | null> {
    const running = this.#directories.get(signer.name);
    if (running !== undefined) return running;
    if (this.#directories.size >= MAX_DIRECTORIES) return Promise.resolve(null);
    const { db, isOffline, nowMs, onError } = this.#options;
    const fetching = fetchShared(signer, knownMs, {
      store: postgresDirectories(db),
      fetchDocument: isOffline ? null : (url) => edgeFetchPublic(url, STRANGER_LIMITS),
      nowMs,
      onStoreError: onError,
    }).finally(() => this.#directories.delete(signer.name));
    this.#directories.set(signer.name, fetching);
    return fetching;
  }

  /** Fetches the lists that are due, at most once a minute. Never rejects. */
  async fetchDue(): Promise<void> {
    const { db, isOffline, nowMs, onError } = this.#options;
    if (isOffline || nowMs() < this.#lookMs) return;
    this.#lookMs = nowMs() + LOOK_EVERY_MS;
    try {
      const store = agentListStore(db);
      const { knownMs } = this.#known;
      this.#known.use(await store.lists([...knownMs.keys()], knownMs));
      const due = this.#known.lists.filter((list) => isListDue(list, nowMs(), this.#jitterMs));
      if (due.length === 0) return;
      await refreshLists(due.slice(0, MAX_LISTS), { store, fetchPublic: edgeFetchPublic, nowMs });
      await agentVerdictStore(db).tidy(nowMs() - KEPT_MS);
      await postgresDirectories(db).forget(nowMs() - KEPT_MS);
    } catch (error) {
      onError(error);
    }
  }
}

/**
 * Rebuilds a window store that was lost (a start in process; a Redis that was flushed, restarted empty or restored
 * to an older state) from the ledger's posts and every journal's records that the ledger has not taken.
 *
 * Nothing is missing or counted twice, for these reasons. Let L(j) be the last sequence that the ledger has of
 * journal j.
 * 1. The store has an epoch, one number for its whole content. A lost store has none and refuses all writes
 *    (`window_lost`). One process claims the rebuild and gets a larger epoch E.
 * 2. It reads posts and all L(j) from the ledger in one snapshot. The posts contain exactly the records 1..L(j) of
 *    every j.
 * 3. `restore` replaces each client's posts, marked with E. Such a client refuses later writes of processes with an
 *    older epoch. A client that such a process creates has the old epoch and counts as empty for E.
 * 4. `endRebuild` publishes E together with all L(j). From then on every process, for its own journal j, finds E in
 *    `base`, returns to L(j) and adds its records L(j)+1, L(j)+2, ... Step 2 has none of them, so the sum is
 *    correct.
 * 5. Within one epoch a client takes each (journal, sequence) once, so retries add nothing.
 * 6. A store that is behind what a process knows it had (a copy without the last adds) is lost too: abandoned sends
 *    may still arrive, and the new life refuses them.
 *
 * The records after L(j) are still in journal j, because it keeps what either the ledger or the window lacks
 * (`shipper.ts`), and `beginRebuild` waits until every process has read `base` before the ledger is read. A process
 * that kept less (its window was unreachable for very long) finds a gap in its records and requests another
 * rebuild; by then the ledger has them. Posts that are in no ledger and no journal were never delivered.
 */

import type { ClientBucketPosts, UsageLedger, WindowAdd, WindowStore } from './port.ts';

export interface RebuildOptions {
  readonly window: WindowStore;
  readonly ledger: UsageLedger;
  readonly windowMsOf: (clientId: string) => number;
  /** The longest window of any client. */
  readonly longestWindowMs: number;
  readonly nowMs: () => number;
}

/** Clients per call of `restore`: with 1,440 buckets each, some 10 MB. */
const CLIENTS_PER_CALL = 200;

/**
 * Returns true when the store has been rebuilt, false while another process rebuilds it. Throws if either side is
 * unreachable.
 */
export async function rebuildWindow(options: RebuildOptions): Promise<boolean> {
  const { window, ledger, nowMs } = options;
  const epoch = await window.beginRebuild(nowMs());
  if (epoch === null) return false;
  let sequences: ReadonlyMap<string, number> = new Map();
  let clients: WindowAdd[] = [];
  for await (const page of ledger.posts(nowMs() - options.longestWindowMs)) {
    sequences = page.sequences;
    clients = joinClients(clients, page.posts, options.windowMsOf);
    if (clients.length <= CLIENTS_PER_CALL) continue;
    // The last client of a page may continue in the next one.
    const open = clients.pop()!;
    await restoreAll(window, epoch, clients, nowMs);
    clients = [open];
  }
  await restoreAll(window, epoch, clients, nowMs);
  await window.endRebuild(epoch, sequences);
  return true;
}

async function restoreAll(window: WindowStore, epoch: number, clients: WindowAdd[], nowMs: () => number) {
  for (let at = 0; at < clients.length; at += CLIENTS_PER_CALL) {
    await window.restore(epoch, clients.slice(at, at + CLIENTS_PER_CALL), nowMs());
  }
}

/** Merges a page, ordered by client: posts are added to the last client or start a new one. */
function joinClients(
  clients: WindowAdd[],
  page: readonly ClientBucketPosts[],
  windowMsOf: (clientId: string) => number,
): WindowAdd[] {
  const joined: Array<WindowAdd & { readonly posts: Array<{ bucketMs: number; posts: number }> }> =
    clients.map((client) => ({ ...client, posts: [...client.posts] }));
  for (const { clientId, bucketMs, posts } of page) {
    let last = joined.at(-1);
    if (last?.clientId !== clientId) {
      last = { clientId, windowMs: windowMsOf(clientId), posts: [] };
      joined.push(last);
    }
    last.posts.push({ bucketMs, posts });
  }
  return joined;
}

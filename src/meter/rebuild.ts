/**
 * Rebuilds a window store that was lost (a start in process; a Redis that was flushed, restarted empty or set back)
 * from the ledger's posts and every journal's records that the ledger has not taken.
 *
 * Why nothing is missing and nothing is twice. Let L(j) be the last sequence that the ledger has of journal j.
 * 1. The store has an epoch, one number for its whole content; a lost store has none and refuses everybody
 *    (`window_lost`). One process claims the rebuilding and gets a larger epoch E.
 * 2. It reads posts and all L(j) from the ledger at one moment. The posts hold exactly the records 1..L(j) of every j.
 * 3. `restore` replaces each client's posts, marked with E. What a process with an older epoch still writes is
 *    refused by such a client; a client that it made anew is of the old epoch, and counts as empty for E.
 * 4. `endRebuild` publishes E together with all L(j). From then on every process, for its own journal j, finds E in
 *    `base`, goes back to L(j) and adds its records L(j)+1, L(j)+2, ... Step 2 has none of them, so the sum is right.
 * 5. Within one epoch a client takes each (journal, sequence) once, so retries add nothing.
 * 6. A store that stands behind what a process knows it had (a copy that lacks the last adds) is lost too: what was sent
 *    to it and given up may still come, and is refused by the new life.
 * The records after L(j) are still in journal j: it keeps what either the ledger or the window lacks (`shipper.ts`),
 * and `beginRebuild` waits until every process has looked at `base` before the ledger is read. Where a process held
 * back less (its window was away for very long), it finds a gap in its records and asks for a rebuild again: then
 * the ledger has them. Posts that are in no ledger and in no journal were never delivered.
 */

import type { ClientPosts, UsageLedger, WindowAdd, WindowStore } from './port.ts';

export interface RebuildOptions {
  readonly window: WindowStore;
  readonly ledger: UsageLedger;
  readonly windowMsOf: (clientId: string) => number;
  /** The longest window of any client. */
  readonly longestWindowMs: number;
  readonly nowMs: () => number;
}

/** Clients per call of `restore`: with 1,440 buckets each some 10 MB. */
const clientsPerCall = 200;

/** True when the store has been rebuilt; false while another process is at it. Throws where either side is away. */
export async function rebuildWindow(options: RebuildOptions): Promise<boolean> {
  const { window, ledger, nowMs } = options;
  const epoch = await window.beginRebuild(nowMs());
  if (epoch === null) return false;
  let sequences: ReadonlyMap<string, number> = new Map();
  let clients: WindowAdd[] = [];
  for await (const page of ledger.posts(nowMs() - options.longestWindowMs)) {
    sequences = page.sequences;
    clients = joinClients(clients, page.posts, options.windowMsOf);
    if (clients.length <= clientsPerCall) continue;
    // The last client of a page may go on in the next one.
    const open = clients.pop()!;
    await restoreAll(window, epoch, clients, nowMs);
    clients = [open];
  }
  await restoreAll(window, epoch, clients, nowMs);
  await window.endRebuild(epoch, sequences);
  return true;
}

async function restoreAll(window: WindowStore, epoch: number, clients: WindowAdd[], nowMs: () => number) {
  for (let at = 0; at < clients.length; at += clientsPerCall) {
    await window.restore(epoch, clients.slice(at, at + clientsPerCall), nowMs());
  }
}

/** Pages are ordered by client: its posts are added to the last client, or begin a new one. */
function joinClients(
  clients: WindowAdd[],
  page: readonly ClientPosts[],
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

/** Invariants that must hold once all faults are over and everything has arrived. */

import { runBilling } from '../../src/billing.ts';
import type { Invoice } from '../../src/invoice/model.ts';
import { usageOf as usageOfLeaves } from '../../src/meter/chain/leaves.ts';
import { contentRoot, GENESIS, linkHash } from '../../src/meter/chain/link.ts';
import type { TariffVersion } from '../../src/tariff/tariff.ts';
import { slowBreaches, slowMonths } from '../tariff/oracle.ts';
import { WINDOW_MS } from './gateway.ts';
import { quickHash } from './hash.ts';
import { add, afterMoves, type Posts, usageOf } from './oracle.ts';
import { expect } from './violation.ts';
import { MINUTE_MS, START_MS, type World } from './world.ts';

/** Later than the end of any breach or month of a run. */
const FAR_MS = START_MS + 70 * 86_400_000;

/** The ledger contains once the posts of each record that no loss of power destroyed. */
export function checkPosts(world: World): Posts {
  const { oracle, ledger, gateways } = world;
  const { moves, usage } = ledger.ledger.state;
  const metered: Posts = new Map();
  const lost: Posts = new Map();
  for (const { history } of gateways) {
    const skipped = skippedOf(world, history.journalId);
    for (const [sequence, { usage: rows }] of history.records) {
      for (const row of rows) add(skipped(sequence) ? lost : metered, row);
    }
    for (const row of history.lost) add(lost, row);
  }
  const expected = afterMoves(metered, moves);
  const found: Posts = new Map();
  for (const rows of usage.values()) for (const row of rows.values()) add(found, row);
  for (const key of new Set([...expected.keys(), ...found.keys()])) {
    const [should, is] = [expected.get(key) ?? 0, found.get(key) ?? 0];
    expect(should === is, `${key}: the ledger has ${is} posts, ${should} were metered`);
  }
  for (const [key, received] of oracle.receivedPosts) {
    const known = (metered.get(key) ?? 0) + (lost.get(key) ?? 0) + (oracle.unmeteredPosts.get(key) ?? 0);
    expect(
      received <= known,
      `${key}: ${received} posts were received whole, ${known} metered, lost or reported`,
    );
  }
  for (const [key, posts] of metered) {
    const sent = oracle.sentPosts.get(key) ?? 0;
    expect(posts <= sent, `${key}: ${posts} posts were metered, and ${sent} sent`);
  }
  return expected;
}

/** Records that the ledger skipped as lost. */
function skippedOf(world: World, journalId: string): (sequence: number) => boolean {
  const batches = world.ledger.ledger.state.batches.get(journalId) ?? [];
  const skipped = batches.filter(({ kind }) => kind === 'lost');
  if (skipped.length === 0) return () => false;
  expect(world.mayLackRecords, 'records were passed over as lost, and nothing had lost them');
  return (sequence) =>
    skipped.some((lost) => lost.firstSequence <= sequence && sequence <= lost.lastSequence);
}

/**
 * Posts that were served unmetered are in the ledger as a gap, except those of a record that was skipped as lost, and
 * those that a process knew of when it died.
 */
export function checkGaps(world: World): void {
  let reported = 0;
  for (const batches of world.ledger.ledger.state.batches.values()) {
    for (const { gaps } of batches) for (const { posts } of gaps) reported += posts;
  }
  let lost = 0;
  for (const { history } of world.gateways) {
    const skipped = skippedOf(world, history.journalId);
    for (const [sequence, { gap }] of history.records) if (skipped(sequence)) lost += gap?.posts ?? 0;
  }
  if (lost > 0) world.tally.count('check: gap lost with its record');
  let unmetered = 0;
  for (const posts of world.oracle.unmeteredPosts.values()) unmetered += posts;
  if (reported > 0) world.tally.count('check: gap in the ledger');
  const isRight = world.deaths === 0 ? reported + lost === unmetered : reported + lost <= unmetered;
  const of = `${reported}, and ${lost} were lost with their records`;
  expect(isRight, `${unmetered} posts were served unmetered, and the ledger knows of ${of}`);
}

/** The batches of every journal are consecutive, agree with the usage table, and are chained. */
export function checkChain(world: World): void {
  const { state } = world.ledger.ledger;
  const content: Posts = new Map();
  for (const [journalId, batches] of state.batches) {
    if (batches.some(({ kind }) => kind === 'lost')) world.tally.count('ledger: records passed over as lost');
    let hash: Uint8Array = GENESIS;
    let last = 0;
    for (const batch of batches) {
      expect(batch.firstSequence === last + 1, `journal ${journalId} has a gap after record ${last}`);
      const facts = { journalId, ...batch };
      hash = linkHash(hash, facts, contentRoot(batch.salt, batch.leaves, quickHash), quickHash);
      expect(
        Buffer.from(hash).equals(batch.hash),
        `the chain of ${journalId} breaks at ${batch.lastSequence}`,
      );
      for (const row of usageOfLeaves(batch.leaves)) add(content, row);
      last = batch.lastSequence;
    }
  }
  const found: Posts = new Map();
  for (const rows of state.usage.values()) for (const row of rows.values()) add(found, row);
  for (const [key, posts] of afterMoves(content, state.moves)) {
    expect(found.get(key) === posts, `${key}: the batches hold ${posts} posts, the usage ${found.get(key)}`);
  }
}

/** For every client, the window store has the ledger's posts of the same minutes. */
export async function checkWindow(world: World, posts: Posts): Promise<void> {
  const { state } = world.ledger.ledger;
  if (world.clocksFarOff) return;
  // Posts that the ledger lost for good stay in the window until they expire.
  if ([...state.batches.values()].flat().some(({ kind }) => kind === 'lost')) return;
  const clients = [...state.usage.keys()].filter((clientId) => !world.movedClients.has(clientId));
  const asked = clients.map((clientId) => ({ clientId, windowMs: WINDOW_MS }));
  for (const total of await world.window.totals(asked, world.scheduler.nowMs)) {
    let sum = 0;
    for (const [key, count] of posts) {
      const { clientId, bucketMs } = usageOf(key);
      const isIn = bucketMs > total.asOfMs - WINDOW_MS && bucketMs <= total.asOfMs;
      if (clientId === total.clientId && isIn) sum += count;
    }
    expect(total.posts === sum, `${total.clientId}: the window has ${total.posts} posts, the ledger ${sum}`);
  }
}

/** Only clients with a known cause may be on hold. */
export function checkBillingHolds(world: World): void {
  for (const { clientId, code, reason } of world.ledger.ledger.state.holds) {
    world.tally.count(`on hold: ${code}`);
    const isRight =
      code === 'operator' ||
      (code === 'future_usage' && world.clocksStepped) ||
      (code === 'ledger_set_back' && world.failovers > 0) ||
      (code === 'records_lost' && world.mayLackRecords);
    expect(isRight, `${clientId ?? 'all clients'} on hold without need: ${code}: ${reason}`);
  }
}

/** Bills, approves and issues everything, long afterwards. The charged amounts must then equal the owed ones. */
export async function checkBilling(world: World, posts: Posts): Promise<void> {
  const { ledger } = world.ledger;
  for (const clientId of new Set(ledger.state.holds.map((hold) => hold.clientId))) {
    await ledger.release(clientId);
  }
  const bill = async () => {
    const run = await runBilling(ledger, world.rules, () => world.newId(), FAR_MS);
    expect(
      run !== undefined && run.failures.length === 0,
      `billing fails: ${String(run?.failures[0]?.cause)}`,
    );
  };
  await bill();
  for (const { id, status } of [...ledger.state.invoices.values()]) {
    if (status !== 'draft' && status !== 'approved') continue;
    await ledger.approveInvoice(id, 'finance', FAR_MS);
    await expectHoldIsRefused(world, id);
    const outcome = await issueOverBrokenConnections(world, id);
    expect(outcome.kind === 'issued', `invoice ${id} cannot be issued: ${outcome.kind}`);
  }
  const issued = ledger.state.invoices;
  await bill();
  const after = [...ledger.state.invoices.values()].filter(({ status }) => status !== 'void');
  expect(
    after.every((invoice) => issued.get(invoice.id) === invoice),
    'billing once more changes what was billed',
  );
  world.watcher.look();
  checkNumbers(after);
  for (const client of new Set([...posts.keys()].map((key) => usageOf(key).clientId))) {
    checkOwed(world, client, posts);
  }
}

async function expectHoldIsRefused(world: World, id: string): Promise<void> {
  const { ledger } = world.ledger;
  const clientId = ledger.state.invoices.get(id)?.clientId ?? null;
  await ledger.holdClients([{ clientId, code: 'operator', reason: 'an operator looks into it' }]);
  const { kind } = await ledger.issueInvoice(id, 'finance', FAR_MS);
  expect(kind === 'on_hold', `invoice ${id} of a client on hold: ${kind}`);
  await ledger.release(clientId);
}

/** A failed attempt must leave nothing behind, not even a drawn number. */
async function issueOverBrokenConnections(world: World, id: string) {
  world.ledger.breakRate = 0.3;
  try {
    for (;;) {
      const outcome = await world.ledger.ledger.issueInvoice(id, 'finance', FAR_MS).catch(() => null);
      if (outcome !== null) return outcome;
    }
  } finally {
    world.ledger.breakRate = 0;
  }
}

function checkNumbers(issued: readonly Invoice[]): void {
  const numbers = issued.map(({ number }) => number ?? 0).sort((a, b) => a - b);
  const isWhole = numbers.every((number, at) => number === at + 1);
  expect(isWhole, `invoice numbers are missing or twice: ${numbers.join(' ')}`);
}

function checkOwed(world: World, clientId: string, posts: Posts): void {
  const { state } = world.ledger.ledger;
  const own = new Map<number, number>();
  for (const [key, count] of posts) {
    const usage = usageOf(key);
    if (usage.clientId !== clientId || count === 0) continue;
    own.set(usage.bucketMs, (own.get(usage.bucketMs) ?? 0) + count);
  }
  if (own.size === 0) return;
  const owed = owedBy(own, versionsOf(state.tariffs, clientId));
  const breaches = [...state.breaches.values()].filter((breach) => breach.clientId === clientId);
  const billed = breaches.reduce(
    (sum, breach) => sum + (breach.state === 'void' ? 0 : breach.billedPosts),
    0,
  );
  expect(
    billed === owed.billedPosts,
    `${clientId}: ${billed} posts in breaches, ${owed.billedPosts} owed for`,
  );
  const invoices = [...state.invoices.values()].filter((one) => one.clientId === clientId);
  const charged = invoices.reduce((sum, one) => sum + (one.status === 'issued' ? one.amountMinor : 0n), 0n);
  if (charged > 0n) world.tally.count('check: client charged');
  expect(charged === owed.amountMinor, `${clientId}: charged ${charged}, owed ${owed.amountMinor}`);
}

/** The slow oracle knows one client, `c`. */
function versionsOf(tariffs: readonly TariffVersion[], clientId: string): TariffVersion[] {
  return tariffs.flatMap((version) => {
    if (version.clientId === null) return [version];
    return version.clientId === clientId ? [{ ...version, clientId: 'c' }] : [];
  });
}

function owedBy(posts: ReadonlyMap<number, number>, versions: readonly TariffVersion[]) {
  const fromMs = Math.min(...posts.keys()) - WINDOW_MS;
  const toMs = Math.max(...posts.keys()) + WINDOW_MS + MINUTE_MS;
  const breaches = slowBreaches(posts, versions, fromMs, toMs);
  const months = [...slowMonths(posts, versions, fromMs, toMs).values()];
  const lines = [...breaches, ...months].flatMap((one) => one.lines);
  return {
    billedPosts: breaches.reduce((sum, breach) => sum + breach.billedPosts, 0),
    amountMinor: lines.reduce((sum, line) => sum + line.amountMinor, 0n),
  };
}

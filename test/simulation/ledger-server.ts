/** The ledger as processes see it: across a network, and sometimes replaced by a copy without its last seconds. */

import type { BillingAccount, BillingLedger, BillingRules } from '../../src/invoice/port.ts';
import type { PostsPage, UsageLedger } from '../../src/meter/port.ts';
import { MemoryLedger } from '../support/memory-ledger/ledger.ts';
import { isOnHold, type LedgerState } from '../support/memory-ledger/state.ts';
import { quickHash } from './hash.ts';
import { Network } from './network.ts';
import type { SimulatedProcess } from './process.ts';
import { Violation } from './violation.ts';
import type { World } from './world.ts';

export class LedgerServer {
  readonly ledger: MemoryLedger;
  readonly network: Network;
  readonly #world: World;
  /** Share of the steps of a transaction at which its connection breaks. */
  breakRate = 0;
  /** If true, it accepts no writes. */
  isReadOnly = false;
  /** If true, two processes may bill at once. */
  leadsTwo = false;
  #leader: SimulatedProcess | null = null;

  constructor(world: World, rules: BillingRules) {
    this.#world = world;
    const { scheduler, random, tally } = world;
    this.network = new Network({ server: 'ledger', scheduler, random, tally, isTcp: false });
    this.ledger = new MemoryLedger({
      rules,
      nowMs: () => world.scheduler.nowMs,
      sha256: quickHash,
      randomBytes: (length) => world.random.bytes(length),
      betweenSteps: async () => this.#breakNowAndThen(),
    });
  }

  /** A copy takes over, or an older state is restored. */
  failOver(copy: LedgerState): void {
    this.ledger.restore(copy);
  }

  usageFor(process: SimulatedProcess): UsageLedger {
    const { ledger } = this;
    const call = <T>(what: string, execute: () => Promise<T>) => this.#call(process, what, execute);
    const write = <T>(what: string, execute: () => Promise<T>) =>
      call(what, () => (this.isReadOnly ? Promise.reject(new Error('the ledger is read-only')) : execute()));
    return {
      take: (batch) => write('take', () => ledger.take(batch)),
      lastSequence: (id) => call('lastSequence', () => ledger.lastSequence(id)),
      taken: (id, after, limit) => call('taken', () => ledger.taken(id, after, limit)),
      skipLost: (id, first, last, reason) =>
        write('skipLost', () => ledger.skipLost(id, first, last, reason)),
      holdClients: (holds) => write('holdClients', () => ledger.holdClients(holds)),
      clockMs: () => call('clockMs', () => ledger.clockMs()),
      movedPosts: (after, limit) => call('movedPosts', () => ledger.movedPosts(after, limit)),
      posts: (fromMs) => this.#pages(process, fromMs),
    };
  }

  billingFor(process: SimulatedProcess): BillingLedger {
    const { ledger } = this;
    const call = <T>(what: string, execute: () => Promise<T>) => this.#call(process, what, execute);
    return {
      lead: (run) => this.#lead(process, run),
      compareNumbers: () => call('compareNumbers', () => ledger.compareNumbers()),
      openBooks: async () => 0,
      clearUnbillable: () => call('clearUnbillable', () => ledger.clearUnbillable()),
      dueClients: (nowMs, after, limit) => call('dueClients', () => ledger.dueClients(nowMs, after, limit)),
      withAccount: (clientId, work) =>
        call('withAccount', () =>
          ledger.withAccount(clientId, (account) =>
            this.#untilDeath(process, () => work(this.#far(process, account))),
          ),
        ),
      holdCounts: () => call('holdCounts', () => ledger.holdCounts()),
      draftsToIssue: (nowMs) => call('draftsToIssue', () => ledger.draftsToIssue(nowMs)),
      approveInvoice: (id, actor, nowMs) => call('approve', () => ledger.approveInvoice(id, actor, nowMs)),
      rejectInvoice: (id, reason, actor, nowMs) =>
        call('reject', () => ledger.rejectInvoice(id, reason, actor, nowMs)),
      issueInvoice: (id, actor, nowMs) => call('issue', () => this.#issue(id, actor, nowMs)),
    };
  }

  /** No invoice of a client on hold is issued. */
  async #issue(id: string, actor: string, nowMs: number) {
    const before = this.ledger.state;
    const outcome = await this.ledger.issueInvoice(id, actor, nowMs);
    const clientId = before.invoices.get(id)?.clientId ?? '';
    const wasOnHold = isOnHold(before, clientId) && isOnHold(this.ledger.state, clientId);
    if (wasOnHold && outcome.kind === 'issued') {
      this.#world.scheduler.fault ??= new Violation(`invoice ${id} of a client on hold was issued`);
    }
    return outcome;
  }

  #call<T>(process: SimulatedProcess, what: string, execute: () => Promise<T>): Promise<T> {
    return this.network.call(process, what, execute, (reason) => new Error(`the ledger is away: ${reason}`));
  }

  /** Pages arrive one by one, and the connection may break between two. */
  async *#pages(process: SimulatedProcess, fromMs: number): AsyncIterable<PostsPage> {
    const pages = await this.#call(process, 'posts', async () => {
      const all: PostsPage[] = [];
      for await (const page of this.ledger.posts(fromMs)) all.push(page);
      return all;
    });
    for (const page of pages) {
      await this.#hop(process);
      yield page;
    }
  }

  /** An account whose transaction is held on the server while the process computes. */
  #far(process: SimulatedProcess, account: BillingAccount): BillingAccount {
    const { clientId, dirtyFromMs, tariffs } = account;
    const far = async <T>(execute: () => Promise<T>): Promise<T> => {
      await this.#hop(process);
      return execute();
    };
    return {
      clientId,
      dirtyFromMs,
      tariffs,
      breachesReaching: (fromMs) => far(() => account.breachesReaching(fromMs)),
      usage: (fromMs) => far(() => account.usage(fromMs)),
      invoices: (ids, fromMs) => far(() => account.invoices(ids, fromMs)),
      write: (changes) => far(() => account.write(changes)),
    };
  }

  /** One message and its reply on an open connection, which may break. */
  #hop(process: SimulatedProcess): Promise<void> {
    return new Promise((resolve, reject) => {
      process.later(this.#world.random.int(1, 60), () => {
        if (!this.network.weather.isDown && !this.#world.random.chance(this.breakRate)) return resolve();
        this.#world.tally.count('ledger: connection broken in a transaction');
        reject(new Error('the connection to the ledger broke'));
      });
    });
  }

  /** The server notices that the connection of a dead process ended, and rolls back. */
  #untilDeath<T>(process: SimulatedProcess, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!process.alive) return reject(new Error('the process died before its request came'));
      const stop = process.onDeath(() => {
        this.#world.tally.count('billing: died in a transaction');
        reject(new Error('the connection of a dead process ended'));
      });
      work().then(resolve, reject).finally(stop);
    });
  }

  async #lead<T>(process: SimulatedProcess, run: () => Promise<T>): Promise<T | undefined> {
    await this.#call(process, 'lead', async () => {});
    if (this.#leader?.alive && this.#leader !== process) {
      if (!this.leadsTwo) return undefined;
      this.#world.tally.count('billing: two at once');
    }
    this.#leader = process;
    try {
      return await run();
    } finally {
      if (this.#leader === process) this.#leader = null;
    }
  }

  #breakNowAndThen(): void {
    if (!this.network.weather.isDown && !this.#world.random.chance(this.breakRate)) return;
    this.#world.tally.count('ledger: transaction broken off');
    throw new Error('the connection to the ledger broke');
  }
}

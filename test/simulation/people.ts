/** Billers, and people who approve, issue, correct tariffs, move identifiers and put clients on hold. */

import { runBilling } from '../../src/billing.ts';
import { type DamagesTariff, DEFAULT_TARIFF, type Tariff } from '../../src/tariff/tariff.ts';
import { SimulatedProcess } from './process.ts';
import type { Traffic } from './traffic.ts';
import { MINUTE_MS, START_MS, type World } from './world.ts';

const DETAILS = {
  legalName: 'Acme Inc.',
  address: '1 Main Street',
  email: 'billing@example.com',
  taxId: null,
  currency: 'USD',
};

export class People {
  readonly #world: World;
  readonly #traffic: Traffic;
  #versions = 0;
  #isOver = false;
  /** The first biller and the second, once each has started. */
  readonly billers: (SimulatedProcess | undefined)[] = [];
  readonly #finance: SimulatedProcess;

  constructor(world: World, traffic: Traffic) {
    this.#world = world;
    this.#traffic = traffic;
    this.#finance = new SimulatedProcess('finance', world.scheduler, world.random);
  }

  async prepare(): Promise<void> {
    const { ledger } = this.#world.ledger;
    await this.#addTariff(null, this.#terms(), 0);
    for (const client of this.#traffic.clients) {
      await ledger.setDetails(client, DETAILS);
      if (this.#world.random.chance(0.4)) await this.#addTariff(client, this.#anyTerms(), 0);
    }
  }

  start(): void {
    const { random } = this.#world;
    for (const at of [0, 1]) this.#again(random.int(20_000, 60_000), () => this.#bill(at));
    this.#again(random.int(15_000, 50_000), () => this.#actOnInvoice());
  }

  /** Prevents them from starting anything. */
  rest(): void {
    this.#isOver = true;
  }

  /** Ends a transaction in progress with its process. */
  stop(): void {
    this.rest();
    for (const process of [...this.billers, this.#finance]) process?.die();
  }

  /** A version that applies from a time in the past, or soon. */
  correctTariff(): void {
    const { random, tally } = this.#world;
    const validFromMs = START_MS + random.int(-2, 5) * MINUTE_MS;
    const client = random.chance(0.5) ? null : random.pick(this.#traffic.clients);
    tally.count('people: tariff corrected');
    this.#try(this.#addTariff(client, client === null ? this.#terms() : this.#anyTerms(), validFromMs));
  }

  /** Called once everything was issued. Supplements and credit notes follow. */
  correctTariffAfterwards(): Promise<void> {
    const { random } = this.#world;
    const client = random.chance(0.3) ? null : random.pick(this.#traffic.clients);
    const validFromMs = START_MS + random.int(-1, 3) * MINUTE_MS;
    return this.#addTariff(client, client === null ? this.#terms() : this.#anyTerms(), validFromMs);
  }

  moveIdentifier(): void {
    const { random, tally, ledger, scheduler } = this.#world;
    const [identifierId, fromClientId] = random.pick([...this.#traffic.owners]);
    const toClientId = random.pick(this.#traffic.clients.filter((client) => client !== fromClientId));
    const fromMs = START_MS + random.int(-1, 4) * MINUTE_MS;
    for (const client of [fromClientId, toClientId]) this.#world.movedClients.add(client);
    tally.count('people: identifier moved');
    scheduler.tell(`people: ${identifierId} moves from ${fromClientId} to ${toClientId}`);
    const toMs = random.chance(0.7) ? Number.POSITIVE_INFINITY : fromMs + random.int(1, 10) * MINUTE_MS;
    const moving = ledger.ledger.move({ identifierId, fromClientId, toClientId, fromMs, toMs });
    // Gateways learn of it later.
    const heard = () => this.#traffic.owners.set(identifierId, toClientId);
    this.#try(moving.then(() => scheduler.at(random.int(0, 30_000), heard)));
  }

  holdClients(): void {
    const { random, tally, ledger, scheduler } = this.#world;
    const clientId = random.chance(0.3) ? null : random.pick(this.#traffic.clients);
    tally.count('people: client on hold');
    this.#try(
      ledger.ledger.holdClients([{ clientId, code: 'operator', reason: 'an operator looks into it' }]),
    );
    scheduler.at(random.int(20_000, 120_000), () => this.#try(ledger.ledger.release(clientId)));
  }

  killBiller(): void {
    const { tally, scheduler, random } = this.#world;
    const biller = random.pick(this.billers);
    if (biller === undefined) return;
    biller.die();
    tally.count('billing: biller killed');
    scheduler.tell(`${biller.name}: killed`);
  }

  /** A person notices the failure and does not repeat the action. */
  #try(act: Promise<void>): void {
    act.catch((error: unknown) => this.#world.scheduler.tell(`people: ${String(error)}`));
  }

  #again(everyMs: number, act: () => void): void {
    const { scheduler, random } = this.#world;
    scheduler.at(random.next() * 2 * everyMs, () => {
      if (this.#isOver) return;
      act();
      this.#again(everyMs, act);
    });
  }

  #bill(at: number): void {
    const { scheduler, random, ledger, rules, tally } = this.#world;
    const before = this.billers[at];
    const biller = before?.alive ? before : new SimulatedProcess(`biller${at + 1}`, scheduler, random);
    this.billers[at] = biller;
    runBilling(ledger.billingFor(biller), rules, () => this.#world.newId(), scheduler.nowMs).then(
      (run) => {
        if (run === undefined) return;
        tally.count(run.failures.length > 0 ? 'billing: run with failures' : 'billing: run');
        for (const { subject, cause } of run.failures)
          scheduler.tell(`billing: ${subject}: ${String(cause)}`);
      },
      (error: unknown) => {
        tally.count('billing: run failed');
        scheduler.tell(`billing: ${String(error)}`);
      },
    );
  }

  #actOnInvoice(): void {
    const { ledger, random, scheduler, tally } = this.#world;
    const drafts = [...ledger.ledger.state.invoices.values()].filter(({ status }) => status !== 'void');
    if (drafts.length === 0) return;
    const { id } = random.pick(drafts);
    const finance = ledger.billingFor(this.#finance);
    const act = async () => {
      const approved = await finance.approveInvoice(id, 'finance', scheduler.nowMs);
      tally.count(`people: approval ${approved.kind}`);
      const issued = await finance.issueInvoice(id, 'finance', scheduler.nowMs);
      tally.count(`people: issue ${issued.kind}`);
    };
    this.#try(act());
  }

  #addTariff(clientId: string | null, tariff: Tariff, validFromMs: number): Promise<void> {
    const version = { id: this.#world.newId(), clientId, version: ++this.#versions, validFromMs, tariff };
    this.#world.scheduler.tell(`people: tariff of ${clientId ?? 'all'}: ${tariff.kind}`);
    return this.#world.ledger.ledger.addTariff(version);
  }

  #terms(): DamagesTariff {
    const { random } = this.#world;
    return {
      ...DEFAULT_TARIFF,
      threshold: random.int(10, 60),
      windowSeconds: random.pick([60, 60, 120, 300]),
      basis: random.pick(['all', 'excess']),
      rounding: random.pick(['prorated', 'prorated', 'started', 'completed']),
      priceMinor: random.pick([7n, 1_500n]),
      block: random.pick([3, 10, 1_000]),
    };
  }

  #anyTerms(): Tariff {
    const { random } = this.#world;
    const { priceMinor, block, rounding, currency, count } = this.#terms();
    if (random.chance(0.7)) return this.#terms();
    if (random.chance(0.3)) return { kind: 'exempt' };
    return { kind: 'licence', included: random.int(0, 100), priceMinor, block, rounding, currency, count };
  }
}

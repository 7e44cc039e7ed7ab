/** One of the few Durable Objects that hold connections to PostgreSQL. It takes the batches of its share of the clients. */

import { DurableObject } from 'cloudflare:workers';
import type { BillingHold, TakenBatches, UsageBatch, UsageLedger } from '../../meter/port.ts';
import type { CountingBatch } from '../../report/routes/port.ts';
import type { RightsPage } from '../../rights/port.ts';
import type { LedgerObjectMethods, ServedPosts } from '../edge/protocol.ts';
import { deliveriesOf } from '../postgres/billing/account.ts';
import { ledgerFailure } from '../postgres/connection/db.ts';
import { openPostgres, type PostgresLedger } from '../postgres/connection/open.ts';
import { postgresCountingLedger } from '../postgres/counting/counting-ledger.ts';
import { ledgerRightsSource } from '../postgres/rights/source.ts';
import { postgresUsageLedger } from '../postgres/usage/ledger.ts';
import { lastMovedPosts } from '../postgres/usage/moves.ts';
import type { EdgeBindings } from './bindings.ts';
import { objectSettings } from './settings.ts';

interface OpenLedger {
  readonly connection: PostgresLedger;
  readonly usage: UsageLedger;
}

const MAX_CONNECTIONS = 2;

export class LedgerObject extends DurableObject<EdgeBindings> implements LedgerObjectMethods {
  #opened: Promise<OpenLedger> | undefined;

  async take(batch: UsageBatch): Promise<number> {
    return (await this.#open()).usage.take(batch);
  }

  async lastSequence(journalId: string): Promise<number> {
    return (await this.#open()).usage.lastSequence(journalId);
  }

  async taken(journalId: string, afterSequence: number, limit: number): Promise<TakenBatches> {
    return (await this.#open()).usage.taken(journalId, afterSequence, limit);
  }

  async skipLost(journalId: string, first: number, last: number, reason: string): Promise<number> {
    return (await this.#open()).usage.skipLost(journalId, first, last, reason);
  }

  async holdClients(holds: readonly BillingHold[]): Promise<void> {
    await (await this.#open()).usage.holdClients(holds);
  }

  async clockMs(): Promise<number> {
    return (await this.#open()).usage.clockMs();
  }

  async postsOf(clientId: string, fromMs: number): Promise<ServedPosts> {
    const { connection } = await this.#open();
    return connection.db
      .transaction(
        async (tx) => {
          const served = await deliveriesOf(tx, clientId, fromMs);
          const posts = served.map(({ bucketMs, posts }) => ({ clientId, bucketMs, posts }));
          return { posts, movedUpTo: await lastMovedPosts(tx) };
        },
        { isolationLevel: 'repeatable read', accessMode: 'read only' },
      )
      .catch((error) => {
        throw ledgerFailure("a client's posts could not be read from the ledger", error);
      });
  }

  async count(batch: CountingBatch): Promise<void> {
    const { callerDays } = objectSettings(this.env.POSTMETER_CONFIG);
    await postgresCountingLedger((await this.#open()).connection.db, callerDays).add(batch);
  }

  async rightsAfter(sequence: number, limit: number): Promise<RightsPage> {
    return ledgerRightsSource((await this.#open()).connection).changesAfter(sequence, limit);
  }

  /** Connects at the first call. The pool reconnects after the server was unreachable. */
  #open(): Promise<OpenLedger> {
    this.#opened ??= openPostgres(this.env.HYPERDRIVE.connectionString, {
      maxConnections: MAX_CONNECTIONS,
      applicationName: 'postmeter edge',
    }).then((connection) => ({ connection, usage: postgresUsageLedger(connection.db) }));
    return this.#opened;
  }
}

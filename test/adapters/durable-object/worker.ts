/** Runs in workerd: the product's objects, with a clock that the test controls, callable over HTTP. */

import { DurableObject } from 'cloudflare:workers';
import type { DurableObjectStorage, SqlStorageCursor, SqlStorageValue } from '@cloudflare/workers-types';
import type { Objects } from '../../../src/adapters/durable-object/bindings.ts';
import { ClientObject as RealClientObject } from '../../../src/adapters/durable-object/client-object.ts';
import { ClientShipment } from '../../../src/adapters/durable-object/client-shipment.ts';
import { ClientState } from '../../../src/adapters/durable-object/client-state.ts';
import { DirectoryObject as RealDirectoryObject } from '../../../src/adapters/durable-object/directory-object.ts';
import { RightsObject as RealRightsObject } from '../../../src/adapters/durable-object/rights-object.ts';
import { objectSettings } from '../../../src/adapters/durable-object/settings.ts';
import { SqlJournal } from '../../../src/adapters/durable-object/storage/journal.ts';
import { ObjectMeta } from '../../../src/adapters/durable-object/storage/object-meta.ts';
import type { LedgerObjectMethods, ObjectTotal, SentUsage } from '../../../src/adapters/edge/protocol.ts';
import { type Answer, type Call, fromWire, toWire } from './wire.ts';

export { LedgerObject } from '../../../src/adapters/durable-object/ledger-object.ts';

/** Set by the test, by object id. They survive an eviction. */
const clocks = new Map<string, number>();

export class ClientObject extends RealClientObject {
  protected override nowMs(): number {
    return clocks.get(this.ctx.id.toString()) ?? Date.now();
  }

  async setClock(nowMs: number): Promise<void> {
    clocks.set(this.ctx.id.toString(), nowMs);
  }

  /** Runs the alarm now. It does not run again before it has set another. */
  async ring(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    await this.alarm();
  }

  async ownId(): Promise<string> {
    return this.ctx.id.toString();
  }

  /** Runs the alarm as the runtime does after one that threw. */
  async ringAgain(): Promise<void> {
    await this.alarm({ isRetry: true });
  }

  /** Deletes the alarm, as if the runtime had given it up. */
  async loseAlarm(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
  }

  /** Adds records without usage, and restarts the object. */
  async addRecords(count: number): Promise<void> {
    const { sql } = this.ctx.storage;
    const payload = new TextEncoder().encode('[]');
    const [row] = sql.exec<{ last: number }>('select max(sequence) as last from journal_records').toArray();
    for (let at = 1; at <= count; at++) {
      sql.exec(
        'insert into journal_records (sequence, piece, payload) values (?, 0, ?)',
        row!.last + at,
        payload,
      );
    }
    await this.ctx.storage.sync();
    this.ctx.abort('evicted by the test');
  }

  /** Restores the state of an object that ended before the ledger's confirmation arrived. */
  async forgetConfirmations(): Promise<void> {
    this.ctx.storage.sql.exec('delete from journal_confirmed');
  }

  async bytes(): Promise<number> {
    return this.ctx.storage.sql.databaseSize;
  }

  /** Deletes the object's memory, but not its storage. */
  async evict(): Promise<void> {
    this.ctx.abort('evicted by the test');
  }

  /** Rows by table. */
  async rows(): Promise<Record<string, number>> {
    const { sql } = this.ctx.storage;
    const tables = sql
      .exec<{ name: string }>(
        "select name from sqlite_master where type = 'table' and name not like '\\_cf%' escape '\\'",
      )
      .toArray();
    const count = (table: string) =>
      sql.exec<{ count: number }>(`select count(*) as count from "${table}"`).one().count;
    return Object.fromEntries(tables.map(({ name }) => [name, count(name)]));
  }

  /** Time until the alarm, in milliseconds; null if none is set. */
  async alarmInMs(): Promise<number | null> {
    const atMs = await this.ctx.storage.getAlarm();
    return atMs === null ? null : atMs - Date.now();
  }

  async journalId(): Promise<unknown> {
    return this.ctx.storage.sql.exec("select value from about where name = 'journal_id'").toArray()[0]?.value;
  }
}

export class DirectoryObject extends RealDirectoryObject {
  protected override nowMs(): number {
    return clocks.get(this.ctx.id.toString()) ?? Date.now();
  }

  async setClock(nowMs: number): Promise<void> {
    clocks.set(this.ctx.id.toString(), nowMs);
  }

  /** Deletes the alarm, as if the runtime had given it up. */
  async loseAlarm(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
  }

  /** Runs the alarm now. */
  async ring(): Promise<void> {
    await this.alarm();
  }

  /** Makes the runtime run the alarm now. */
  async hasten(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now());
  }

  async checks(objectId: string): Promise<boolean> {
    const query = 'select 1 from looked_after where object_id = ?';
    return this.ctx.storage.sql.exec(query, objectId).toArray().length > 0;
  }

  /** Time until the alarm, in milliseconds; null if none is set. */
  async alarmInMs(): Promise<number | null> {
    const atMs = await this.ctx.storage.getAlarm();
    return atMs === null ? null : atMs - Date.now();
  }

  async evict(): Promise<void> {
    this.ctx.abort('evicted by the test');
  }

  async pieces(): Promise<number> {
    const query = 'select count(*) as count from text_pieces';
    return this.ctx.storage.sql.exec<{ count: number }>(query).one().count;
  }
}

export class RightsObject extends RealRightsObject {
  protected override nowMs(): number {
    return clocks.get(this.ctx.id.toString()) ?? Date.now();
  }

  async setClock(nowMs: number): Promise<void> {
    clocks.set(this.ctx.id.toString(), nowMs);
  }

  /** Runs the alarm now. */
  async ring(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    await this.alarm();
  }

  /** Time until the alarm, in milliseconds; null if none is set. */
  async alarmInMs(): Promise<number | null> {
    const atMs = await this.ctx.storage.getAlarm();
    return atMs === null ? null : atMs - Date.now();
  }
}

interface StoreSettings {
  readonly retainMs: number;
  readonly maxBytes: number;
}

/** A journal by itself, for the contract. The runtime may evict it between two calls. */
export class StoreObject extends DurableObject<object> {
  readonly #meta = new ObjectMeta(this.ctx.storage.sql);
  #nowMs = this.#meta.get<number>('test_now_ms') ?? 0;
  #opened: SqlJournal | undefined;

  async open(settings: StoreSettings): Promise<string> {
    this.#meta.set('test_settings', JSON.stringify(settings));
    return this.#journal.id;
  }

  async goAhead(ms: number): Promise<void> {
    this.#nowMs += ms;
    this.#meta.set('test_now_ms', this.#nowMs);
  }

  get #journal(): SqlJournal {
    const settings: StoreSettings = JSON.parse(this.#meta.get<string>('test_settings')!);
    const { sql } = this.ctx.storage;
    const [nowMs, newId] = [() => this.#nowMs, () => crypto.randomUUID()];
    this.#opened ??= new SqlJournal({ sql, ...settings, nowMs, newId });
    return this.#opened;
  }

  journal(method: keyof SqlJournal, args: readonly unknown[]): Promise<Answer> {
    return answerOf(async () => {
      const member = this.#journal[method] as unknown;
      return typeof member === 'function' ? member.apply(this.#journal, args) : member;
    });
  }

  async bytes(): Promise<number> {
    return this.ctx.storage.sql.databaseSize;
  }

  async appendMany(count: number): Promise<void> {
    const usage = { clientId: 'c', identifierId: 'i', bucketMs: 0, posts: 1, requests: 1, refused: 0 };
    for (let at = 0; at < count; at++) this.#journal.append([{ ...usage, bytes: 1, uncounted: 0 }]);
  }
}

/** Compared per run, of 20 batches each. */
const COMPARED_PAGES = 2;

/** The rows that one step read and wrote, as Cloudflare bills them. */
export interface Cost {
  readonly rowsRead: number;
  readonly rowsWritten: number;
}

/** A client's state and shipment as in its object, with every row counted. */
export class MeteredObject extends DurableObject<{
  LEDGER: Objects<LedgerObjectMethods>;
  POSTMETER_CONFIG: string;
}> {
  readonly #cursors: Pick<SqlStorageCursor<Record<string, SqlStorageValue>>, keyof Cost>[] = [];
  #aheadMs = 0;
  readonly #state = new ClientState(
    this.#counted(),
    objectSettings(this.env.POSTMETER_CONFIG),
    () => Date.now() + this.#aheadMs,
  );
  readonly #shipment = new ClientShipment(
    this.#state,
    this.env.LEDGER.getByName('ledger-0'),
    console,
    COMPARED_PAGES,
  );

  async take(sent: SentUsage): Promise<Cost> {
    return this.#costOf(async () => void this.#state.take(sent));
  }

  /** Ships like the alarm. */
  async ship(): Promise<Cost> {
    return this.#costOf(() => {
      this.#state.flush();
      return this.#shipment.run();
    });
  }

  async prune(aheadMs = 0): Promise<Cost> {
    this.#aheadMs = aheadMs;
    return this.#costOf(async () => void this.#state.prune());
  }

  async total(clientId: string, windowMs: number): Promise<ObjectTotal> {
    return this.#state.total(clientId, windowMs);
  }

  /** Ships each usage as its own batch, without a row in the window. */
  async shipEach(sent: SentUsage, count: number): Promise<void> {
    for (let at = 0; at < count; at++) {
      this.#state.take({ ...sent, sequence: sent.sequence + at });
      await this.#shipment.run();
    }
  }

  /** Compares as after an outage of the ledger. Returns true if there is more to compare. */
  async compare(): Promise<boolean> {
    if (!this.#shipment.hasMore) this.#state.needsComparison = true;
    await this.#shipment.run();
    return this.#shipment.hasMore;
  }

  async journalId(): Promise<string> {
    return this.#state.journal.id;
  }

  async addProducers(count: number): Promise<void> {
    const { sql } = this.ctx.storage;
    for (let at = 0; at < count; at++) {
      sql.exec(
        'insert into senders (sender, sequence, heard_ms) values (?, 1, ?)',
        `producer ${at}`,
        Date.now(),
      );
    }
  }

  async #costOf(step: () => Promise<void>): Promise<Cost> {
    this.#cursors.length = 0;
    await step();
    const sum = (name: keyof Cost) => this.#cursors.reduce((total, cursor) => total + cursor[name], 0);
    return { rowsRead: sum('rowsRead'), rowsWritten: sum('rowsWritten') };
  }

  #counted(): DurableObjectStorage {
    const { storage } = this.ctx;
    const exec = (query: string, ...values: SqlStorageValue[]) => {
      const cursor = storage.sql.exec(query, ...values);
      this.#cursors.push(cursor);
      return cursor;
    };
    const sql = {
      exec,
      get databaseSize() {
        return storage.sql.databaseSize;
      },
    };
    const transactionSync = <T>(change: () => T) => storage.transactionSync(change);
    return { sql, transactionSync } as unknown as DurableObjectStorage;
  }
}

type Bindings = Record<
  string,
  { getByName(name: string): Record<string, (...args: readonly unknown[]) => Promise<unknown>> }
>;

export default {
  async fetch(request: Request, env: Bindings): Promise<Response> {
    const { binding, name, method, args } = fromWire<Call>(await request.text());
    const answer = await answerOf(() => env[binding]!.getByName(name)[method]!(...args));
    // The journal's answer is already an `Answer`, because an error loses its name and code over RPC.
    const isOwn = binding === 'STORES' && method === 'journal' && 'value' in answer;
    return new Response(toWire(isOwn ? answer.value : answer));
  },
};

async function answerOf(ask: () => Promise<unknown>): Promise<Answer> {
  try {
    return { value: await ask() };
  } catch (error) {
    const { name, message, code } = error as Error & { code?: string };
    return { error: { name, message, ...(code !== undefined && { code }) } };
  }
}

/** Runs in workerd: the product's objects, with a clock that the test moves, callable over HTTP. */

import { DurableObject } from 'cloudflare:workers';
import type { DurableObjectStorage, SqlStorageCursor, SqlStorageValue } from '@cloudflare/workers-types';
import type { Objects } from '../../../src/adapters/durable-object/bindings.ts';
import { ClientBooks } from '../../../src/adapters/durable-object/client-books.ts';
import { ClientObject as RealClientObject } from '../../../src/adapters/durable-object/client-object.ts';
import { ClientShipment } from '../../../src/adapters/durable-object/client-shipment.ts';
import { DirectoryObject as RealDirectoryObject } from '../../../src/adapters/durable-object/directory-object.ts';
import { objectSettings } from '../../../src/adapters/durable-object/settings.ts';
import { About } from '../../../src/adapters/durable-object/storage/about.ts';
import { SqlJournal } from '../../../src/adapters/durable-object/storage/journal.ts';
import { SqlWindow } from '../../../src/adapters/durable-object/storage/window.ts';
import type { LedgerObjectMethods, ObjectTotal, SentUsage } from '../../../src/adapters/edge/protocol.ts';
import { type Answer, type Call, fromWire, toWire } from './wire.ts';

export { LedgerObject } from '../../../src/adapters/durable-object/ledger-object.ts';

/** Where the test holds them, by object; they outlive an eviction. */
const clocks = new Map<string, number>();

export class ClientObject extends RealClientObject {
  protected override nowMs(): number {
    return clocks.get(this.ctx.id.toString()) ?? Date.now();
  }

  async setClock(nowMs: number): Promise<void> {
    clocks.set(this.ctx.id.toString(), nowMs);
  }

  /** The alarm goes now and not again by itself before it has set another. */
  async ring(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    await this.alarm();
  }

  async ownId(): Promise<string> {
    return this.ctx.id.toString();
  }

  /** As where an alarm threw, and the runtime tries again. */
  async ringAgain(): Promise<void> {
    await this.alarm({ isRetry: true });
  }

  /** As where the runtime has given up on it. */
  async loseAlarm(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
  }

  /** Records without usage, and the object begins anew with them. */
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

  /** As where the object ended after the ledger took a batch and before it heard of that. */
  async forgetConfirmations(): Promise<void> {
    this.ctx.storage.sql.exec('delete from journal_confirmed');
  }

  async bytes(): Promise<number> {
    return this.ctx.storage.sql.databaseSize;
  }

  /** The object's memory is gone, its storage stays. */
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

  /** When the alarm goes, in milliseconds from now; null where none is set. */
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

  /** As where the runtime has given up on it. */
  async loseAlarm(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
  }

  /** Called by the test. */
  async ring(): Promise<void> {
    await this.alarm();
  }

  /** Called by the runtime, at once. */
  async hasten(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now());
  }

  async looksAfter(objectId: string): Promise<boolean> {
    const query = 'select 1 from looked_after where object_id = ?';
    return this.ctx.storage.sql.exec(query, objectId).toArray().length > 0;
  }

  /** In milliseconds from now; null where none is set. */
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

interface StoreSettings {
  readonly retainMs: number;
  readonly maxBytes: number;
}

/** Journal and window by themselves, as the contracts want them. The runtime may evict it between two calls. */
export class StoreObject extends DurableObject<object> {
  readonly #about = new About(this.ctx.storage.sql);
  readonly #window = new SqlWindow(this.ctx.storage.sql, 60);
  #nowMs = this.#about.get<number>('test_now_ms') ?? 0;
  #opened: SqlJournal | undefined;

  async open(settings: StoreSettings): Promise<string> {
    this.#about.set('test_settings', JSON.stringify(settings));
    return this.#journal.id;
  }

  async goAhead(ms: number): Promise<void> {
    this.#nowMs += ms;
    this.#about.set('test_now_ms', this.#nowMs);
  }

  get #journal(): SqlJournal {
    const settings: StoreSettings = JSON.parse(this.#about.get<string>('test_settings')!);
    const { sql } = this.ctx.storage;
    const [nowMs, newId] = [() => this.#nowMs, () => crypto.randomUUID()];
    this.#opened ??= new SqlJournal({ sql, ...settings, nowMs, newId });
    return this.#opened;
  }

  window(method: keyof SqlWindow, args: readonly unknown[]): Promise<Answer> {
    return answerOf(async () => (this.#window[method] as Method).apply(this.#window, [...args]));
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

/** Of 20 batches each: so many are compared in one go. */
const COMPARED_PAGES = 2;

/** What one step read and wrote of the rows that the platform bills. */
export interface Cost {
  readonly rowsRead: number;
  readonly rowsWritten: number;
}

/** A client's books and shipment as its object has them, with every row counted. */
export class MeteredObject extends DurableObject<{
  LEDGER: Objects<LedgerObjectMethods>;
  POSTMETER_CONFIG: string;
}> {
  readonly #cursors: Pick<SqlStorageCursor<Record<string, SqlStorageValue>>, keyof Cost>[] = [];
  #aheadMs = 0;
  readonly #books = new ClientBooks(
    this.#counted(),
    objectSettings(this.env.POSTMETER_CONFIG),
    () => Date.now() + this.#aheadMs,
  );
  readonly #shipment = new ClientShipment(
    this.#books,
    this.env.LEDGER.getByName('ledger-0'),
    console,
    COMPARED_PAGES,
  );

  async take(sent: SentUsage): Promise<Cost> {
    return this.#costOf(async () => void this.#books.take(sent));
  }

  /** As the alarm does. */
  async ship(): Promise<Cost> {
    return this.#costOf(() => {
      this.#books.settle();
      return this.#shipment.run();
    });
  }

  async prune(aheadMs = 0): Promise<Cost> {
    this.#aheadMs = aheadMs;
    return this.#costOf(async () => void this.#books.prune());
  }

  async look(clientId: string, windowMs: number): Promise<ObjectTotal> {
    return this.#books.look(clientId, windowMs);
  }

  /** Every usage is a batch of its own in the ledger, and the window has no row of any. */
  async shipEach(sent: SentUsage, count: number): Promise<void> {
    for (let at = 0; at < count; at++) {
      this.#books.take({ ...sent, sequence: sent.sequence + at });
      await this.#shipment.run();
    }
  }

  /** As after the ledger was away. Answers whether there is more to do after that. */
  async compare(): Promise<boolean> {
    if (!this.#shipment.isUnderWay) this.#books.isDoubted = true;
    await this.#shipment.run();
    return this.#shipment.isUnderWay;
  }

  async journalId(): Promise<string> {
    return this.#books.journal.id;
  }

  async addSenders(count: number): Promise<void> {
    const { sql } = this.ctx.storage;
    for (let at = 0; at < count; at++) {
      sql.exec(
        'insert into senders (sender, sequence, heard_ms) values (?, 1, ?)',
        `sender ${at}`,
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

type Method = (...args: readonly unknown[]) => unknown;
type Bindings = Record<
  string,
  { getByName(name: string): Record<string, (...args: readonly unknown[]) => Promise<unknown>> }
>;

export default {
  async fetch(request: Request, env: Bindings): Promise<Response> {
    const { binding, name, method, args } = fromWire<Call>(await request.text());
    const answer = await answerOf(() => env[binding]!.getByName(name)[method]!(...args));
    // What an object says of itself is its own answer: over RPC an error loses name and code.
    const isOwn = binding === 'STORES' && (method === 'window' || method === 'journal') && 'value' in answer;
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

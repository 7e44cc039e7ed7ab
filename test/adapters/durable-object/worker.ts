/** Runs in workerd: the product's objects, with a clock that the test moves, callable over HTTP. */

import { DurableObject } from 'cloudflare:workers';
import { About } from '../../../src/adapters/durable-object/about.ts';
import { ClientObject as RealClientObject } from '../../../src/adapters/durable-object/client-object.ts';
import { DirectoryObject as RealDirectoryObject } from '../../../src/adapters/durable-object/directory-object.ts';
import { SqlJournal } from '../../../src/adapters/durable-object/sql-journal.ts';
import { SqlWindow } from '../../../src/adapters/durable-object/sql-window.ts';
import { type Answer, type Call, fromWire, toWire } from './wire.ts';

export { LedgerObject } from '../../../src/adapters/durable-object/ledger-object.ts';

/** Of all objects in this runtime. */
let aheadMs = 0;

export class ClientObject extends RealClientObject {
  protected override nowMs(): number {
    return Date.now() + aheadMs;
  }

  async goAhead(ms: number): Promise<void> {
    aheadMs += ms;
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

/**
 * The object that has the directory of clients as the ledger had it last, for isolates that are new or out of date: it
 * reads the ledger by its alarm and answers from its own storage, whether or not PostgreSQL is there.
 */

import { DurableObject } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import type { DirectorySource } from '../../identify/port.ts';
import { edgeLog } from '../edge/log.ts';
import type { DirectoryObjectMethods, DirectoryVersion } from '../edge/protocol.ts';
import { openPostgres, type PostgresLedger } from '../postgres/connection/open.ts';
import { ledgerDirectorySource } from '../postgres/directory-source.ts';
import { lastMovedPosts, movedPostsAfter } from '../postgres/usage/moves.ts';
import type { EdgeBindings } from './bindings.ts';
import { directoryFromText, directoryToText } from './directory-text.ts';
import { LATEST_ALARM_MS } from './latest-alarm.ts';
import { LookedAfter } from './looked-after.ts';
import { About } from './storage/about.ts';
import { SqlText } from './storage/text.ts';

/** Isolates ask every 15 s too, so that a change is everywhere within 30. */
const READ_EVERY_MS = 15_000;
/** Moves for one alarm: each is a call to two objects. */
const MAX_MOVES = 100;
/** Objects of clients that one alarm checks, and that are checked at a time. */
const MAX_CHECKED = 500;
const LOOKED_AT_ONCE = 20;
/** Time until an object that has not shipped everything is checked again. */
const LOOK_AGAIN_MS = 60_000;
const MAX_BACK_OFF_MS = 60_000;

export class DirectoryObject extends DurableObject<EdgeBindings> implements DirectoryObjectMethods {
  readonly #log = edgeLog(this.env);
  readonly #about = new About(this.ctx.storage.sql);
  readonly #text = new SqlText(this.ctx.storage.sql);
  readonly #lookedAfter = new LookedAfter(this.ctx.storage.sql);
  #source: Promise<DirectorySource> | undefined;
  #connection: PostgresLedger | undefined;
  #newest: DirectoryVersion | null = null;
  #reading: Promise<DirectoryVersion> | null = null;
  /** When the alarm goes, as far as this life of the object knows. */
  #alarmMs = Number.NEGATIVE_INFINITY;
  #failures = 0;

  /** Throws where PostgreSQL is away and nothing was ever read. */
  async directory(known: string | null): Promise<DirectoryVersion | null> {
    this.#newest ??= this.#kept();
    const newest = this.#newest ?? (await this.#read());
    if (this.#isAlarmLost) await this.#goOnFollowing();
    return newest.version === known ? null : newest;
  }

  async refresh(): Promise<void> {
    // A read that is under way may have begun before the change.
    if (this.#reading !== null) await this.#reading;
    await this.#read();
  }

  async lookAfter(clientObjectIds: readonly string[], inMs: number): Promise<void> {
    const atMs = this.nowMs() + inMs;
    for (const objectId of clientObjectIds) this.#lookedAfter.add(objectId, atMs);
    if (this.#isAlarmLost) await this.#goOnFollowing();
  }

  /** Never throws: the runtime would give up after a few attempts of its own. */
  override async alarm(): Promise<void> {
    await this.#look().catch((error) => {
      this.#log.warn({ err: error }, 'objects of clients cannot be looked after; the next alarm tries again');
    });
    try {
      await this.#read();
      this.#failures = 0;
      await this.#moveWindows().catch((error) => {
        this.#log.warn(
          { err: error },
          'moved posts cannot be brought to the windows of clients; the next alarm tries again',
        );
      });
    } catch (error) {
      this.#failures += 1;
      const failed = { err: error, failures: this.#failures };
      this.#log.warn(failed, 'the directory of clients cannot be read; going on with the last one');
    }
    await this.#follow(Math.min(MAX_BACK_OFF_MS, READ_EVERY_MS * 2 ** this.#failures));
  }

  /** By the runtime's clock. */
  protected nowMs(): number {
    return Date.now();
  }

  get #isAlarmLost(): boolean {
    return this.#alarmMs + LATEST_ALARM_MS < this.nowMs();
  }

  /** In a new life of the object the alarm of the last one holds: put off at each start it might never go. */
  async #goOnFollowing(): Promise<void> {
    this.#alarmMs = (await this.ctx.storage.getAlarm()) ?? Number.NEGATIVE_INFINITY;
    if (this.#isAlarmLost) await this.#follow(READ_EVERY_MS);
  }

  async #follow(inMs: number): Promise<void> {
    this.#alarmMs = this.nowMs() + inMs;
    await this.ctx.storage.setAlarm(this.#alarmMs);
  }

  #read(): Promise<DirectoryVersion> {
    this.#reading ??= this.#readLedger().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readLedger(): Promise<DirectoryVersion> {
    this.#source ??= this.#openSource();
    const source = await this.#source;
    const [snapshot, keySecret] = [await source.load(), Uint8Array.from(await source.keySecret())];
    const text = directoryToText(snapshot);
    const version = createHash('sha256').update(keySecret).update(text).digest('base64url');
    this.#newest ??= this.#kept();
    if (this.#newest?.version === version) return this.#newest;
    this.#newest = { version, snapshot, keySecret };
    this.#keep(version, text, keySecret);
    return this.#newest;
  }

  /**
   * Tells the objects of clients what moves have changed, each time in order: one that fails is informed again by the next
   * alarm. At the first start windows are as the ledger had them.
   */
  async #moveWindows(): Promise<void> {
    const { db } = this.#connection!;
    const lastSent = this.#about.get<number>('moved_up_to');
    if (lastSent === null) return this.#about.set('moved_up_to', await lastMovedPosts(db));
    for (const moved of await movedPostsAfter(db, lastSent, MAX_MOVES)) {
      const taken = moved.posts.map((one) => ({ ...one, posts: -one.posts }));
      await this.env.CLIENTS.getByName(moved.fromClientId).correct(moved.sequence, taken);
      await this.env.CLIENTS.getByName(moved.toClientId).correct(moved.sequence, moved.posts);
      this.#about.set('moved_up_to', moved.sequence);
    }
  }

  async #look(): Promise<void> {
    const due = this.#lookedAfter.due(this.nowMs(), MAX_CHECKED);
    const lookAtRest = async () => {
      for (let next = due.pop(); next !== undefined; next = due.pop()) await this.#lookAt(next);
    };
    await Promise.all(Array.from({ length: LOOKED_AT_ONCE }, lookAtRest));
  }

  async #lookAt(objectId: string): Promise<void> {
    try {
      const hasAll = await this.env.CLIENTS.get(this.env.CLIENTS.idFromString(objectId)).wake();
      if (hasAll) return this.#lookedAfter.hasAll(objectId, this.nowMs());
    } catch (error) {
      const failed = { err: error, object: objectId };
      this.#log.warn(failed, 'the object of a client cannot be woken; a later alarm tries again');
    }
    this.#lookedAfter.lookAgain(objectId, this.nowMs() + LOOK_AGAIN_MS);
  }

  #keep(version: string, text: string, keySecret: Uint8Array<ArrayBuffer>): void {
    this.ctx.storage.transactionSync(() => {
      this.#text.write(text);
      this.#about.set('version', version);
      // The operator's own stays among the bindings alone.
      const { POSTMETER_SECRET } = this.env;
      this.#about.set('key_secret', POSTMETER_SECRET === undefined ? keySecret.buffer : null);
    });
  }

  #kept(): DirectoryVersion | null {
    const version = this.#about.get<string>('version');
    const text = this.#text.read();
    if (version === null || text === null) return null;
    const { POSTMETER_SECRET } = this.env;
    const kept = this.#about.get<ArrayBuffer>('key_secret');
    const keySecret =
      POSTMETER_SECRET === undefined
        ? kept && new Uint8Array(kept)
        : new TextEncoder().encode(POSTMETER_SECRET);
    // It was kept under a secret of the operator's, who has taken that away since.
    if (keySecret === null) return null;
    return { version, snapshot: directoryFromText(text), keySecret };
  }

  async #openSource(): Promise<DirectorySource> {
    const { HYPERDRIVE, POSTMETER_SECRET } = this.env;
    const connection = await openPostgres(HYPERDRIVE.connectionString, {
      maxConnections: 1,
      applicationName: 'postmeter edge',
    });
    this.#connection = connection;
    return ledgerDirectorySource(
      connection,
      POSTMETER_SECRET === undefined ? {} : { keySecret: POSTMETER_SECRET },
    );
  }
}

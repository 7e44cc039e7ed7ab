/**
 * The Durable Object that distributes the directory of clients to isolates. It reads the ledger by its alarm and answers
 * from its own storage, so that isolates can start while PostgreSQL is unreachable. It also checks client objects whose
 * alarm may be lost, and transfers moved posts to the windows of clients.
 */

import { DurableObject } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import { catalogueOf } from '../../identify/asker/catalogue/catalogue.ts';
import type { DirectorySource } from '../../identify/port.ts';
import type { StoredList } from '../../identify/ranges/port.ts';
import type { ReverseVerdict } from '../../identify/reverse-dns/port.ts';
import type { StoredDirectory } from '../../identify/signature/port.ts';
import type { Signer } from '../../identify/signature/signer.ts';
import { edgeLog } from '../edge/log.ts';
import type { DirectoryObjectMethods, DirectoryVersion } from '../edge/protocol.ts';
import { openPostgres, type PostgresLedger } from '../postgres/connection/open.ts';
import { ledgerDirectorySource } from '../postgres/directory-source.ts';
import { lastMovedPosts, movedPostsAfter } from '../postgres/usage/moves.ts';
import { ObjectAgents } from './agents.ts';
import { Alarm } from './alarm.ts';
import type { EdgeBindings } from './bindings.ts';
import { directoryFromText, directoryToText } from './directory-text.ts';
import { objectSettings } from './settings.ts';
import { SqlCheckSchedule } from './storage/check-schedule.ts';
import { ObjectMeta } from './storage/object-meta.ts';
import { SqlText } from './storage/text.ts';

/** Isolates ask every 15 s too, so that a change takes effect everywhere within 30 s. */
const READ_EVERY_MS = 15_000;
/** Moves per alarm. Each one calls two objects. */
const MAX_MOVES = 100;
/** Client objects that one alarm checks. */
const MAX_CHECKS = 500;
/** Checks in flight at a time. */
const CHECK_CONCURRENCY = 20;
/** Time until an object that has not shipped everything is checked again. */
const RECHECK_MS = 60_000;
const MAX_BACK_OFF_MS = 60_000;

export class DirectoryObject extends DurableObject<EdgeBindings> implements DirectoryObjectMethods {
  readonly #log = edgeLog(this.env);
  readonly #alarm = new Alarm(this.ctx.storage, () => this.nowMs());
  readonly #meta = new ObjectMeta(this.ctx.storage.sql);
  readonly #text = new SqlText(this.ctx.storage.sql);
  readonly #checks = new SqlCheckSchedule(this.ctx.storage.sql);
  #source: Promise<DirectorySource> | undefined;
  #connection: PostgresLedger | undefined;
  #agents: ObjectAgents | undefined;
  #newest: DirectoryVersion | null = null;
  #reading: Promise<DirectoryVersion> | null = null;
  /** Consecutive failures to read the ledger. */
  #failures = 0;

  /** Throws if PostgreSQL is unreachable and no directory is stored. */
  async directory(known: string | null): Promise<DirectoryVersion | null> {
    this.#newest ??= this.#stored();
    const newest = this.#newest ?? (await this.#read());
    await this.#alarm.ensure(READ_EVERY_MS);
    return newest.version === known ? null : newest;
  }

  async refresh(): Promise<void> {
    // A read in flight may have started before the change.
    if (this.#reading !== null) await this.#reading;
    await this.#read();
  }

  async lookAfter(clientObjectIds: readonly string[], inMs: number): Promise<void> {
    const atMs = this.nowMs() + inMs;
    for (const objectId of clientObjectIds) this.#checks.add(objectId, atMs);
    await this.#alarm.ensure(READ_EVERY_MS);
  }

  async agentLists(knownMs: ReadonlyMap<string, number | null>): Promise<readonly StoredList[]> {
    return (await this.#openAgents()).lists(knownMs);
  }

  async agentVerdict(address: string, token: string): Promise<ReverseVerdict | null> {
    return (await this.#openAgents()).verdict(address, token);
  }

  async signerDirectory(signer: Signer, knownMs: number | null): Promise<StoredDirectory | null> {
    return (await this.#openAgents()).signerDirectory(signer, knownMs);
  }

  /** Never throws, because the runtime gives an alarm up after a few retries. */
  override async alarm(): Promise<void> {
    await this.#checkClients().catch((error) => {
      this.#log.warn({ err: error }, 'the objects of clients cannot be checked; the next alarm retries');
    });
    try {
      await this.#read();
      this.#failures = 0;
      // Its servers may be slow, and the directory must not wait for them.
      this.ctx.waitUntil((await this.#openAgents()).fetchDue());
      await this.#transferMoves().catch((error) => {
        this.#log.warn(
          { err: error },
          'moved posts cannot be transferred to the windows of clients; the next alarm retries',
        );
      });
    } catch (error) {
      this.#failures += 1;
      const failed = { err: error, failures: this.#failures };
      this.#log.warn(failed, 'the directory of clients cannot be read; the last one stays in use');
    }
    await this.#alarm.set(Math.min(MAX_BACK_OFF_MS, READ_EVERY_MS * 2 ** this.#failures));
  }

  /** The runtime's clock, epoch milliseconds UTC. */
  protected nowMs(): number {
    return Date.now();
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
    this.#newest ??= this.#stored();
    if (this.#newest?.version === version) return this.#newest;
    this.#newest = { version, snapshot, keySecret };
    this.#store(version, text, keySecret);
    return this.#newest;
  }

  /**
   * Transfers moved posts between the windows of clients, in order. A failed transfer is repeated by the next alarm. The
   * first start has nothing to transfer, because windows are filled from the ledger.
   */
  async #transferMoves(): Promise<void> {
    const { db } = this.#connection!;
    const movedUpTo = this.#meta.get<number>('moved_up_to');
    if (movedUpTo === null) return this.#meta.set('moved_up_to', await lastMovedPosts(db));
    for (const moved of await movedPostsAfter(db, movedUpTo, MAX_MOVES)) {
      const taken = moved.posts.map((one) => ({ ...one, posts: -one.posts }));
      await this.env.CLIENTS.getByName(moved.fromClientId).correct(moved.sequence, taken);
      await this.env.CLIENTS.getByName(moved.toClientId).correct(moved.sequence, moved.posts);
      this.#meta.set('moved_up_to', moved.sequence);
    }
  }

  async #checkClients(): Promise<void> {
    const due = this.#checks.due(this.nowMs(), MAX_CHECKS);
    const checkNext = async () => {
      for (let next = due.pop(); next !== undefined; next = due.pop()) await this.#checkClient(next);
    };
    await Promise.all(Array.from({ length: CHECK_CONCURRENCY }, checkNext));
  }

  async #checkClient(objectId: string): Promise<void> {
    try {
      const hasAll = await this.env.CLIENTS.get(this.env.CLIENTS.idFromString(objectId)).wake();
      if (hasAll) return this.#checks.confirm(objectId, this.nowMs());
    } catch (error) {
      const failed = { err: error, object: objectId };
      this.#log.warn(failed, 'the object of a client cannot be woken; a later alarm retries');
    }
    this.#checks.retry(objectId, this.nowMs() + RECHECK_MS);
  }

  #store(version: string, text: string, keySecret: Uint8Array<ArrayBuffer>): void {
    this.ctx.storage.transactionSync(() => {
      this.#text.write(text);
      this.#meta.set('version', version);
      // A secret of the operator is never written to storage.
      const { POSTMETER_SECRET } = this.env;
      this.#meta.set('key_secret', POSTMETER_SECRET === undefined ? keySecret.buffer : null);
    });
  }

  #stored(): DirectoryVersion | null {
    const version = this.#meta.get<string>('version');
    const text = this.#text.read();
    if (version === null || text === null) return null;
    const { POSTMETER_SECRET } = this.env;
    const stored = this.#meta.get<ArrayBuffer>('key_secret');
    const keySecret =
      POSTMETER_SECRET === undefined
        ? stored && new Uint8Array(stored)
        : new TextEncoder().encode(POSTMETER_SECRET);
    // The directory was stored under a secret of the operator, which was removed since.
    if (keySecret === null) return null;
    return { version, snapshot: directoryFromText(text), keySecret };
  }

  async #openAgents(): Promise<ObjectAgents> {
    this.#source ??= this.#openSource();
    await this.#source;
    const { agents } = objectSettings(this.env.POSTMETER_CONFIG);
    this.#agents ??= new ObjectAgents({
      db: this.#connection!.db,
      agents: catalogueOf(agents.catalogue).agents,
      isOffline: agents.offline,
      dns: agents.dns.https,
      nowMs: () => this.nowMs(),
      onError: (error) =>
        this.#log.warn({ err: error }, 'agents cannot be checked now; a later call retries'),
    });
    return this.#agents;
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

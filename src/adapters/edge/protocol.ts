/** What the Worker's isolates and the Durable Objects say to each other: methods over RPC, plain data in and out. */

import type { DirectorySnapshot } from '../../identify/port.ts';
import type { ClientBucketPosts, MovedPosts, Total, UsageLedger } from '../../meter/port.ts';
import type { Usage } from '../../meter/usage.ts';
import type { CountingBatch } from '../../report/routes/port.ts';

/** Usage of one client that an isolate has gathered. Its identity is (sender, sequence): again it changes nothing. */
export interface SentUsage {
  readonly clientId: string;
  /** Of the isolate; never reused by another. */
  readonly sender: string;
  /** Counts up by one from 1, per sender and client. */
  readonly sequence: number;
  readonly usage: readonly Usage[];
  /** Length of the client's window. */
  readonly windowMs: number;
  /** Under which the isolate counted: hash of the configuration, and version of the program. */
  readonly configuration: { readonly hash: string; readonly version: string };
}

/** The client's total after what was sent. */
export interface ObjectTotal extends Total {
  /** False while the object has not yet heard of the ledger what the window held before it began. */
  readonly isKnown: boolean;
}

/** One a client, by the name of its id: window and journal. */
export interface ClientObjectMethods {
  /** Resolves once the usage is on the disk of the object. */
  record(sent: SentUsage): Promise<ObjectTotal>;
  total(clientId: string, windowMs: number): Promise<ObjectTotal>;
  /** Takes posts that a move takes from the client (negative) or gives to it, once for each sequence. */
  correct(sequence: number, posts: MovedPosts['posts']): Promise<void>;
  /**
   * Sets the alarm, which the runtime may have given up, if there is usage to ship.
   * @returns true if the ledger has all usage.
   */
  wake(): Promise<boolean>;
}

/** What the ledger has of a client, at one moment. */
export interface ServedPosts {
  readonly posts: readonly ClientBucketPosts[];
  /** The last sequence of moved posts that is in them. */
  readonly movedUpTo: number;
}

/** What a client's object asks of the ledger. */
export interface ClientLedger extends Omit<UsageLedger, 'posts' | 'movedPosts'> {
  /** Posts of one client by bucket from `fromMs` on, to fill the window of an object that is new. */
  postsOf(clientId: string, fromMs: number): Promise<ServedPosts>;
}

/** A few of them hold all connections to the database; a client's journal goes to the same one always. */
export interface LedgerObjectMethods extends ClientLedger {
  /** Adds an isolate's counts by route, once however often they are offered. */
  count(batch: CountingBatch): Promise<void>;
}

export interface DirectoryVersion {
  readonly version: string;
  readonly snapshot: DirectorySnapshot;
  /** Hashes API keys: POSTMETER_SECRET, or the one that the ledger keeps. */
  readonly keySecret: Uint8Array;
}

/** One of them: the last directory that was read from the ledger, for isolates that are new or out of date. */
export interface DirectoryObjectMethods {
  /** Null where `known` is the newest. */
  directory(known: string | null): Promise<DirectoryVersion | null>;
  /** Reads the ledger now. Isolates ask every 15 s, so that a change is in use within 15 s of it. */
  refresh(): Promise<void>;
  /**
   * Checks objects of clients that have usage. After `inMs` and about 15 s more, each is asked whether the ledger has all
   * of it, and woken until it has, regardless of its alarm.
   */
  lookAfter(clientObjectIds: readonly string[], inMs: number): Promise<void>;
}

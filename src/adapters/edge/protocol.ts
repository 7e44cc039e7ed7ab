/**
 * The RPC interface between the Worker's isolates and the Durable Objects. During a deployment, isolates and objects of
 * different versions call each other, so the methods that take usage keep the names of their fields.
 */

import type { DirectorySnapshot } from '../../identify/port.ts';
import type { StoredList } from '../../identify/ranges/port.ts';
import type { ReverseVerdict } from '../../identify/reverse-dns/port.ts';
import type { StoredDirectory } from '../../identify/signature/port.ts';
import type { Signer } from '../../identify/signature/signer.ts';
import type { DecidedUnder } from '../../meter/chain/epochs.ts';
import type { ClientBucketPosts, MovedPosts, Total, UsageLedger } from '../../meter/port.ts';
import type { Usage } from '../../meter/usage.ts';
import type { CountingBatch } from '../../report/routes/port.ts';
import type { RegistryAge, RightsPage } from '../../rights/port.ts';
import type { SubjectStates } from '../../rights/state.ts';
import type { Subject } from '../../rights/subject.ts';

/** A batch of one client's usage. Its identity is (sender, sequence), so that sending it again changes nothing. */
export interface SentUsage {
  readonly clientId: string;
  /** Producer id: identifies the isolate's memory of the client, and is never reused. */
  readonly sender: string;
  /** Counts up by one from 1, per producer. */
  readonly sequence: number;
  readonly usage: readonly Usage[];
  /** Length of the client's window. */
  readonly windowMs: number;
  /** The configuration under which the isolate counted: its hash, and the version of the program. */
  readonly configuration: { readonly hash: string; readonly version: string };
  /** By which policy and registry the isolate decides; absent before the first policy, and in calls of an earlier version. */
  readonly decidedUnder?: DecidedUnder;
}

/** The client's total, including the usage that was sent. */
export interface ObjectTotal extends Total {
  /** False until the object has read from the ledger the posts that were in the window before it started. */
  readonly isKnown: boolean;
}

/** The object of one client, named by the client's id. It holds the client's window and journal. */
export interface ClientObjectMethods {
  /** Resolves once the usage is on disk. */
  record(sent: SentUsage): Promise<ObjectTotal>;
  total(clientId: string, windowMs: number): Promise<ObjectTotal>;
  /** Adds posts that a move gives to the client, or takes from it (negative), once for each sequence. */
  correct(sequence: number, posts: MovedPosts['posts']): Promise<void>;
  /**
   * Sets the alarm if there is usage to ship, because the runtime may have given the alarm up.
   * @returns true if the ledger has all usage.
   */
  wake(): Promise<boolean>;
}

/** The posts of a client in a snapshot of the ledger. */
export interface ServedPosts {
  readonly posts: readonly ClientBucketPosts[];
  /** The last sequence of moved posts that they include. */
  readonly movedUpTo: number;
}

/** The part of the ledger that a client's object uses. */
export interface ClientLedger extends Omit<UsageLedger, 'posts' | 'movedPosts'> {
  /** Posts of one client by bucket from `fromMs` on, to fill the window of a new object. */
  postsOf(clientId: string, fromMs: number): Promise<ServedPosts>;
}

/** A few of these objects hold all connections to the database. A client's journal always goes to the same one. */
export interface LedgerObjectMethods extends ClientLedger {
  /** Adds an isolate's counts by route. A repeated batch changes nothing. */
  count(batch: CountingBatch): Promise<void>;
  /** The first subjects of the registry of rights with a setting after `sequence`. */
  rightsAfter(sequence: number, limit: number): Promise<RightsPage>;
}

export interface RightsAnswer {
  /** Null until the object has read the whole registry. */
  readonly asOf: RegistryAge | null;
  /** In the order asked. */
  readonly states: readonly SubjectStates[];
}

/** The one object that stores the registry of rights as it was last read from the ledger. */
export interface RightsObjectMethods {
  statesOf(subjects: readonly Subject[]): Promise<RightsAnswer>;
}

export interface DirectoryVersion {
  readonly version: string;
  readonly snapshot: DirectorySnapshot;
  /** The secret of the hashes of API keys: POSTMETER_SECRET, or the one in the ledger. */
  readonly keySecret: Uint8Array;
}

/** The one object that stores the directory as it was last read from the ledger. */
export interface DirectoryObjectMethods {
  /** Returns null if `known` is the newest version. */
  directory(known: string | null): Promise<DirectoryVersion | null>;
  /** Reads the ledger now. Isolates ask every 15 s, so a change takes effect within 15 s of this call. */
  refresh(): Promise<void>;
  /**
   * Schedules a check of client objects that have usage, `inMs` from now and at most about 15 s later. A check asks the
   * object whether the ledger has all of it, and wakes the object until it has, regardless of its alarm.
   */
  lookAfter(clientObjectIds: readonly string[], inMs: number): Promise<void>;
  /** The stored lists of address ranges. `knownMs` has their URLs, and when the lists were fetched that the caller has. */
  agentLists(knownMs: ReadonlyMap<string, number | null>): Promise<readonly StoredList[]>;
  /** What reverse DNS finds for an address that claims an agent. Null if it is not asked now. */
  agentVerdict(address: string, token: string): Promise<ReverseVerdict | null>;
  /**
   * The directory of a signer, fetched unless another process has done so since `knownMs`, the last attempt that the
   * caller knows. Null if there is no result yet.
   */
  signerDirectory(signer: Signer, knownMs: number | null): Promise<StoredDirectory | null>;
}

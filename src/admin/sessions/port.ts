/** The port of sessions: sign-ins to the console that the ledger keeps. */

import type { Actor, Page, PageRequest, Role } from '../port.ts';

export interface SessionRecord {
  readonly id: string;
  /** The name that the audit log records. */
  readonly actor: string;
  readonly roles: readonly Role[];
  /** Null for a session of ADMIN_TOKEN. */
  readonly tokenId: string | null;
  /** The address that signed in. */
  readonly peer: string;
  readonly startedAtMs: number;
  /** The latest request, at most a minute late. */
  readonly seenAtMs: number;
  readonly expiresAtMs: number;
}

export interface NewSession {
  readonly id: string;
  /** From `sessionHash`. */
  readonly hash: string;
  readonly actor: string;
  /** Null for a session of ADMIN_TOKEN. */
  readonly tokenId: string | null;
  readonly roles: readonly Role[];
  readonly peer: string;
  readonly startedAtMs: number;
  readonly expiresAtMs: number;
}

/** Selects the sessions in force at `nowMs`. */
export interface SessionScope {
  readonly nowMs: number;
  /** A session that made no request since this time has ended. */
  readonly idleSinceMs: number;
  /** Null selects the sessions of all actors. */
  readonly actor: string | null;
}

export interface SessionStore {
  /** Also deletes the rows of sessions that have expired. */
  startSession(session: NewSession): Promise<void>;
  /** Records a failed sign-in in the audit log. */
  recordRefusal(peer: string, atMs: number): Promise<void>;
  /**
   * Returns the session in force with this hash; null if it has ended or its token is revoked.
   * @param isActivity true records the request, which delays the end of the session.
   */
  useSession(
    hash: string,
    scope: Omit<SessionScope, 'actor'>,
    isActivity: boolean,
  ): Promise<SessionRecord | null>;
  /** Newest first. */
  sessions(scope: SessionScope, page: PageRequest): Promise<Page<SessionRecord>>;
  /** Ends one session. Returns null if none in `scope` has this id. */
  endSession(id: string, scope: SessionScope, who: Actor): Promise<SessionRecord | null>;
  /** Ends all sessions in `scope`. Returns their number. */
  endSessions(scope: SessionScope, who: Actor): Promise<number>;
}

/** When sessions end. */
export interface SessionLimits {
  readonly idleMs: number;
  readonly maxMs: number;
}

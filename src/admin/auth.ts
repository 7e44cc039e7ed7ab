/**
 * Authenticates callers of the admin API by a bearer token (RFC 6750) with roles, or by the cookie of a session of the
 * console. Guessing is throttled per peer.
 */

import type { Context, MiddlewareHandler } from 'hono';
import { csrf } from 'hono/csrf';
import type { FailureThrottle, Role, Secrets, TokenStore } from './port.ts';
import { HttpProblem } from './problem.ts';
import type { ProblemCode } from './problem-code.ts';
import { sessionHash, sessionSecretOf } from './sessions/cookie.ts';
import type { SessionLimits, SessionStore } from './sessions/port.ts';

export interface Caller {
  /** The name that the audit log records. */
  readonly actor: string;
  readonly roles: readonly Role[];
  /** The id of the token; null for ADMIN_TOKEN. */
  readonly tokenId: string | null;
  /** The id of the session, if the request has its cookie. */
  readonly sessionId?: string;
}

export type AdminEnv = { Variables: { caller: Caller } };

export interface AuthDeps {
  readonly store: Pick<TokenStore, 'tokenByHash'>;
  readonly secrets: Pick<Secrets, 'hashToken' | 'same'>;
  readonly failures: FailureThrottle;
  readonly sessions: SessionStore;
  readonly sessionLimits: SessionLimits;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** ADMIN_TOKEN of the environment. It has the roles operator, finance, rights and admin. */
  readonly adminToken?: string | undefined;
  /** The name that the audit log records for `adminToken`. Default: ADMIN_TOKEN. */
  readonly adminActor?: string | undefined;
  /** Returns the IP address of the peer of the connection. */
  readonly peerOf: (c: Context) => string;
}

/** The header of requests that the console makes by itself, and the path of its stream of changes. */
const LIVE_HEADER = 'postmeter-live';
export const LIVE_PATH = '/live';

const REALM = 'Bearer realm="postmeter"';

/** Callers of requests that the console makes to the API in this process, on behalf of a session. */
const inProcess = new WeakMap<Request, Caller>();

/** Makes `request`, which must be passed to the app in this process, a request of `caller`. */
export function onBehalfOf(caller: Caller, request: Request): Request {
  inProcess.set(request, caller);
  return request;
}

/**
 * Refuses requests without a valid token or session with 401, and peers that have guessed too often with 429. A request
 * with a cookie that may change something must come from a page of this host.
 */
export function authenticate(deps: AuthDeps): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    c.set('caller', inProcess.get(c.req.raw) ?? (await callerOfRequest(c, deps)));
    await next();
  };
}

async function callerOfRequest(c: Context, deps: AuthDeps): Promise<Caller> {
  const token = bearerOf(c);
  if (token !== null) return checkToken(token, deps.peerOf(c), deps);
  const caller = await callerBySession(c, deps);
  if (caller !== null) return caller;
  refuseBlocked(await deps.failures.blockedSeconds(deps.peerOf(c)));
  throw unauthorized('token_missing', 'A token is required: send Authorization: Bearer <token>.', REALM);
}

/**
 * Returns the caller whose token this is. Throws a 401 for a wrong token, which counts against `peer`, and a 429 if the
 * peer sent too many.
 */
export async function checkToken(token: string, peer: string, deps: AuthDeps): Promise<Caller> {
  refuseBlocked(await deps.failures.blockedSeconds(peer));
  const caller = await callerOf(token, deps);
  // Concurrent guesses all pass the first check. Once the limit is exceeded, even a correct token gets the same
  // refusal.
  if (caller !== null) {
    refuseBlocked(await deps.failures.blockedSeconds(peer));
    return caller;
  }
  refuseBlocked(await deps.failures.failed(peer));
  throw unauthorized('token_invalid', 'The token is unknown or revoked.', `${REALM}, error="invalid_token"`);
}

async function callerOf(token: string, deps: AuthDeps): Promise<Caller | null> {
  const { secrets, adminToken } = deps;
  const hash = secrets.hashToken(token);
  if (adminToken && secrets.same(hash, secrets.hashToken(adminToken))) {
    return {
      actor: deps.adminActor ?? 'ADMIN_TOKEN',
      roles: ['operator', 'finance', 'rights', 'admin'],
      tokenId: null,
    };
  }
  if (!token.startsWith('pmt_')) return null;
  const record = await deps.store.tokenByHash(hash);
  return record && { actor: `${record.name} (token ${record.id})`, roles: record.roles, tokenId: record.id };
}

/** Returns the caller of the session in force that the cookie names; null without one. */
export async function callerBySession(c: Context, deps: AuthDeps): Promise<Caller | null> {
  const secret = sessionSecretOf(c);
  if (secret === null) return null;
  const nowMs = deps.now();
  // A page that renews itself must not keep the session of a person who has left.
  const isActivity = c.req.header(LIVE_HEADER) === undefined && c.req.path !== LIVE_PATH;
  const scope = { nowMs, idleSinceMs: nowMs - deps.sessionLimits.idleMs };
  const use = (counts: boolean) => deps.sessions.useSession(sessionHash(secret, deps), scope, counts);
  const session = await use(isActivity);
  if (session === null) {
    throw unauthorized('session_ended', 'The session has ended: sign in again at /sign-in.', REALM);
  }
  // A wall display renews itself all day. Its session may have no role that could change anything.
  if (!isActivity && isWall(c) && session.roles.every((role) => role === 'viewer')) await use(true);
  await refuseCrossSite(c);
  return { actor: session.actor, roles: session.roles, tokenId: session.tokenId, sessionId: session.id };
}

/** True for the page that a wall display shows. */
export function isWall(c: Context): boolean {
  return c.req.path === '/overview' && c.req.query('wall') !== undefined;
}

const sameOrigin = csrf({
  // The scheme is not compared: a proxy in front of this listener may terminate TLS.
  origin: (origin, c) => URL.canParse(origin) && new URL(origin).host === c.req.header('host'),
});

/**
 * Throws a 403 if a page of another site may have sent a request that changes something. Browsers send a body of JSON to
 * another site only if that site allows it, and this one never does.
 */
export async function refuseCrossSite(c: Context): Promise<void> {
  await sameOrigin(c, async () => {}).catch(() => {
    throw new HttpProblem(403, 'The request comes from a page of another site. Use the pages of this host.', {
      code: 'cross_site',
    });
  });
}

function refuseBlocked(seconds: number): void {
  if (seconds === 0) return;
  throw new HttpProblem(429, `Too many failed attempts from this address; try again in ${seconds} s.`, {
    headers: { 'retry-after': String(seconds) },
  });
}

/** The roles that may call a route. `x-roles` documents them, `middleware` enforces them. */
export function requires(...roles: [Role, ...Role[]]) {
  const middleware: MiddlewareHandler<AdminEnv> = async (c, next) => {
    requireRole(c.get('caller'), roles, 'this operation');
    await next();
  };
  return {
    security: [{ bearer: [] }],
    'x-roles': roles,
    middleware,
  };
}

/** For read operations: every role may call them. */
export function anyRole() {
  return requires('viewer', 'operator', 'finance', 'rights', 'admin');
}

/** Throws a 403 if the caller has none of `roles`. `what` completes the sentence "... is required for". */
export function requireRole(caller: Caller, roles: readonly Role[], what: string): void {
  if (roles.some((role) => caller.roles.includes(role))) return;
  throw new HttpProblem(
    403,
    `The role ${roles.join(' or ')} is required for ${what}; this token does not have it.`,
    {
      headers: { 'www-authenticate': `${REALM}, error="insufficient_scope"` },
    },
  );
}

function bearerOf(c: Context): string | null {
  const [, token] = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(c.req.header('authorization') ?? '') ?? [];
  return token ?? null;
}

function unauthorized(code: ProblemCode, detail: string, challenge: string): HttpProblem {
  return new HttpProblem(401, detail, { code, headers: { 'www-authenticate': challenge } });
}

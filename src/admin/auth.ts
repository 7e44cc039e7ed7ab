/** Authenticates callers of the admin API by a bearer token (RFC 6750) with roles. Guessing is throttled per peer. */

import type { Context, MiddlewareHandler } from 'hono';
import type { FailureThrottle, Role, Secrets, TokenStore } from './port.ts';
import { HttpProblem } from './problem.ts';
import type { ProblemCode } from './problem-code.ts';

export interface Caller {
  /** The name that the audit log records. */
  readonly actor: string;
  readonly roles: readonly Role[];
}

export type AdminEnv = { Variables: { caller: Caller } };

export interface AuthDeps {
  readonly store: Pick<TokenStore, 'tokenByHash'>;
  readonly secrets: Pick<Secrets, 'hashToken' | 'same'>;
  readonly failures: FailureThrottle;
  /** ADMIN_TOKEN of the environment. It has the roles operator and finance. */
  readonly adminToken?: string | undefined;
  /** The name that the audit log records for `adminToken`. Default: ADMIN_TOKEN. */
  readonly adminActor?: string | undefined;
  /** Returns the IP address of the peer of the connection. */
  readonly peerOf: (c: Context) => string;
}

const REALM = 'Bearer realm="postmeter"';

/** Refuses requests without a valid token with 401, and peers that have guessed too often with 429. */
export function authenticate(deps: AuthDeps): MiddlewareHandler<AdminEnv> {
  const adminTokenHash = deps.adminToken ? deps.secrets.hashToken(deps.adminToken) : null;

  async function callerOf(token: string): Promise<Caller | null> {
    const hash = deps.secrets.hashToken(token);
    if (adminTokenHash !== null && deps.secrets.same(hash, adminTokenHash)) {
      return { actor: deps.adminActor ?? 'ADMIN_TOKEN', roles: ['operator', 'finance'] };
    }
    if (!token.startsWith('pmt_')) return null;
    const record = await deps.store.tokenByHash(hash);
    return record && { actor: `${record.name} (token ${record.id})`, roles: record.roles };
  }

  return async (c, next) => {
    const peer = deps.peerOf(c);
    refuseBlocked(await deps.failures.blockedSeconds(peer));
    const token = bearerOf(c);
    if (token === null)
      throw unauthorized('token_missing', 'A token is required: send Authorization: Bearer <token>.', REALM);
    const caller = await callerOf(token);
    // Concurrent guesses all pass the first check. Once the limit is exceeded, even a correct token gets the same
    // refusal.
    if (caller !== null) refuseBlocked(await deps.failures.blockedSeconds(peer));
    else {
      refuseBlocked(await deps.failures.failed(peer));
      throw unauthorized(
        'token_invalid',
        'The token is unknown or revoked.',
        `${REALM}, error="invalid_token"`,
      );
    }
    c.set('caller', caller);
    await next();
  };
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
  return requires('viewer', 'operator', 'finance');
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

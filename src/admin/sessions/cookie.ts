/**
 * The cookie of a session. Over TLS it is `__Host-postmeter`, which a browser sends only to this host and only over TLS.
 * Over plain HTTP there are sessions on a loopback host alone.
 */

import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import type { Secrets } from '../port.ts';

const SECRET_FORM = /^pmt_[A-Za-z0-9_-]{43}$/;
const LOOPBACK = /^(([a-z0-9-]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/;

export type CookieKind = 'tls' | 'loopback';

const COOKIES: Readonly<Record<CookieKind, { readonly name: string; readonly options: CookieOptions }>> = {
  tls: {
    name: '__Host-postmeter',
    options: { httpOnly: true, sameSite: 'Lax', path: '/', secure: true },
  },
  loopback: { name: 'postmeter', options: { httpOnly: true, sameSite: 'Lax', path: '/' } },
};

/** Returns how the browser reached this listener; null over plain HTTP from another host, which may not sign in. */
export function cookieKind(c: Context): CookieKind | null {
  const isTls =
    new URL(c.req.url).protocol === 'https:' || c.req.header('x-forwarded-proto')?.toLowerCase() === 'https';
  if (isTls) return 'tls';
  return LOOPBACK.test(c.req.header('host') ?? '') ? 'loopback' : null;
}

export function cookieOf(kind: CookieKind) {
  return COOKIES[kind];
}

/** Returns the secret in the cookie of a session; null without one. */
export function sessionSecretOf(c: Context): string | null {
  const kind = cookieKind(c);
  const secret = kind === null ? undefined : getCookie(c, COOKIES[kind].name);
  return secret !== undefined && SECRET_FORM.test(secret) ? secret : null;
}

/** Returns what the ledger stores instead of the secret. A new ADMIN_TOKEN changes it, which ends all sessions. */
export function sessionHash(
  secret: string,
  {
    secrets,
    adminToken,
  }: { readonly secrets: Pick<Secrets, 'hashToken'>; readonly adminToken?: string | undefined },
): string {
  return secrets.hashToken(`${secret} ${adminToken ?? ''}`);
}

/** Signing in to the console and out of it. A token becomes a session, whose secret only the browser has. */

import type { Context, Hono, MiddlewareHandler } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { type Caller, callerBySession, checkToken } from '../admin/auth.ts';
import type { AdminApp, AdminDeps } from '../admin/deps.ts';
import { HttpProblem } from '../admin/problem.ts';
import { cookieKind, cookieOf, sessionHash } from '../admin/sessions/cookie.ts';
import { api, apiOf } from './api.ts';
import type { ConsoleEnv, NavEntry, PageContext } from './context.ts';
import { signInPage } from './pages/sign-in.tsx';

/** The page after signing in, if the person came from no other. */
const HOME = '/';
const MAX_TOKEN_LENGTH = 512;

/** Lets a request with a session in force pass, and sends other people to the page that signs in. */
export function withSession(
  app: AdminApp,
  deps: AdminDeps,
  nav: readonly NavEntry[],
): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    const caller = await callerBySession(c, deps).catch((error: unknown) => {
      if (error instanceof HttpProblem && error.status === 401) return null;
      throw error;
    });
    if (caller === null) return c.redirect(signInPath(c), 303);
    c.set('caller', caller);
    c.set('api', apiOf(app, c, caller));
    c.set('nav', nav);
    return next();
  };
}

/** The path of the sign-in that leads back to the page of this request. */
function signInPath(c: Context): string {
  const { pathname, search } = new URL(c.req.url);
  if (c.req.method !== 'GET' || pathname === HOME) return '/sign-in';
  return `/sign-in?${new URLSearchParams({ to: pathname + search })}`;
}

export function signInRoutes(pages: Hono<ConsoleEnv>, deps: AdminDeps): void {
  pages.get('/sign-in', (c) =>
    signInPage(c, { to: ownPath(c.req.query('to')), refusal: transportRefusal(c) }),
  );

  pages.post('/sign-in', async (c) => {
    const form = await c.req.parseBody();
    const to = ownPath(form.to);
    const kind = cookieKind(c);
    if (kind === null) return signInPage(c, { to, refusal: transportRefusal(c) }, 403);
    const token = typeof form.token === 'string' ? form.token.trim() : '';
    const peer = deps.peerOf(c);
    try {
      const caller = await checkToken(token.slice(0, MAX_TOKEN_LENGTH), peer, deps);
      const { name, options } = cookieOf(kind);
      setCookie(c, name, await startSession(caller, peer, deps), options);
    } catch (error) {
      if (!(error instanceof HttpProblem) || (error.status !== 401 && error.status !== 429)) throw error;
      // The throttle bounds these rows: attempts beyond it are refused without one.
      if (error.status === 401) await deps.sessions.recordRefusal(peer, deps.now());
      for (const [name, value] of Object.entries(error.extras.headers ?? {})) {
        if (name === 'retry-after') c.header(name, value);
      }
      return signInPage(c, { to, error: error.message }, error.status);
    }
    return c.redirect(to, 303);
  });
}

/** Starts a session of the caller and returns its secret. */
async function startSession(caller: Caller, peer: string, deps: AdminDeps): Promise<string> {
  const secret = deps.secrets.newToken();
  const startedAtMs = deps.now();
  const { actor, roles, tokenId } = caller;
  await deps.sessions.startSession({
    ...{ id: deps.newId(), hash: sessionHash(secret, deps), actor, roles, tokenId, peer, startedAtMs },
    expiresAtMs: startedAtMs + deps.sessionLimits.maxMs,
  });
  return secret;
}

export async function signOut(c: PageContext): Promise<Response> {
  await api(c).delete(`/v1/sessions/${c.get('caller').sessionId}`);
  const kind = cookieKind(c);
  if (kind !== null) {
    const { name, options } = cookieOf(kind);
    deleteCookie(c, name, options);
  }
  return c.redirect('/sign-in', 303);
}

function transportRefusal(c: Context): string | undefined {
  if (cookieKind(c) !== null) return undefined;
  return (
    'This page was reached over plain HTTP, where a token could be read on its way. Put TLS in front of this listener ' +
    '(its proxy must set X-Forwarded-Proto: https), or open a tunnel and use http://localhost.'
  );
}

/** A path of this host, for the redirect after signing in. Everything else becomes the home page. */
function ownPath(to: unknown): string {
  if (typeof to !== 'string' || !/^\/[\x21-\x7e]*$/.test(to)) return HOME;
  const host = 'http://console.invalid';
  const url = URL.canParse(to, host) ? new URL(to, host) : null;
  return url !== null && url.origin === host && !/^\/[/\\]/.test(to) ? url.pathname + url.search : HOME;
}

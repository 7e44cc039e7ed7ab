/**
 * The admin API as a page uses it: requests to the routes of `/v1` in this process, with the caller of the session. A page
 * reads and writes nothing else, so everything that it shows or does is in the API, with the API's roles.
 */

import type { Context } from 'hono';
import { type Caller, onBehalfOf } from '../admin/auth.ts';
import type { AdminApp } from '../admin/deps.ts';
import type { ProblemJson } from '../admin/problem.ts';

/** The JSON of a successful response, or the problem. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: ProblemJson };

/** Undefined and empty parameters are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/** `T` is the type of the route's response, inferred from its schema: `z.infer<typeof SessionSchema>`. */
export interface Api {
  get<T>(path: string, query?: Query): Promise<Answer<T>>;
  post<T>(path: string, body?: unknown): Promise<Answer<T>>;
  /** Sends a file of CSV. */
  postCsv<T>(path: string, query: Query, csv: string): Promise<Answer<T>>;
  put<T>(path: string, body?: unknown): Promise<Answer<T>>;
  /** Sends a file as it is. */
  putFile<T>(path: string, file: Uint8Array<ArrayBuffer>, type: string): Promise<Answer<T>>;
  patch<T>(path: string, body?: unknown): Promise<Answer<T>>;
  delete<T>(path: string, query?: Query): Promise<Answer<T>>;
  /** A response that the page passes on as it is, such as a file. */
  raw(path: string, query?: Query): Promise<Response>;
}

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** The API with the caller of this request's session. */
export function api(c: { readonly var: { readonly api: Api } }): Api {
  return c.var.api;
}

/** The API for one request of the console. */
export function apiOf(app: AdminApp, c: Context, caller: Caller): Api {
  const send = async (
    method: string,
    target: string,
    body?: string | Uint8Array<ArrayBuffer>,
    type?: string,
  ): Promise<Response> => {
    const url = new URL(target, c.req.url);
    if (body === undefined) return app.fetch(onBehalfOf(caller, new Request(url, { method })), c.env);
    const content = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    // Without its length, the limit of bodies would make a new request, which has no caller.
    const headers = { 'content-type': type ?? 'application/json', 'content-length': String(content.length) };
    return app.fetch(onBehalfOf(caller, new Request(url, { method, headers, body: content })), c.env);
  };
  const ask = async <T>(method: string, target: string, body?: unknown): Promise<Answer<T>> =>
    answerOf(await send(method, target, body === undefined ? undefined : JSON.stringify(body)));
  const answerOf = async <T>(response: Response): Promise<Answer<T>> => {
    const value: unknown = await response.json();
    return response.ok ? { ok: true, value: value as T } : { ok: false, problem: value as ProblemJson };
  };
  return {
    get: (path, query) => ask('GET', hrefOf(path, query)),
    post: (path, body) => ask('POST', path, body),
    postCsv: async (path, query, csv) => answerOf(await send('POST', hrefOf(path, query), csv, 'text/csv')),
    put: (path, body) => ask('PUT', path, body),
    putFile: async (path, file, type) => answerOf(await send('PUT', path, file, type)),
    patch: (path, body) => ask('PATCH', path, body),
    delete: (path, query) => ask('DELETE', hrefOf(path, query)),
    raw: (path, query) => send('GET', hrefOf(path, query)),
  };
}

/** A path of the API with its query. Undefined and empty parameters are left out. */
export function hrefOf(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  }
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

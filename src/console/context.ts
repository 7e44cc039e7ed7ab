/** What a page of the console is, and what it gets with a request. */

import type { Context } from 'hono';
import type { AdminEnv } from '../admin/auth.ts';
import type { Role } from '../admin/port.ts';
import type { Api } from './api.ts';

export type ConsoleEnv = {
  Variables: AdminEnv['Variables'] & {
    api: Api;
    /** The navigation: all pages that have a label. */
    nav: readonly NavEntry[];
  };
};

export type PageContext = Context<ConsoleEnv>;

export type NavGroup = 'Metering' | 'Access' | 'Money' | 'System';

export interface NavEntry {
  readonly path: string;
  readonly label: string;
  readonly group: NavGroup;
}

/** A page. Every role may see every page; the API decides which actions it may take. */
export interface ConsolePage {
  /** As Hono's router reads it: `/clients/:id`. */
  readonly path: string;
  /** Absent for pages that are reached from other pages. */
  readonly nav?: { readonly label: string; readonly group: NavGroup };
  readonly get: (c: PageContext) => Response | Promise<Response>;
  /** The page's forms. Success answers with `seeDone`, failure renders the page again. */
  readonly post?: (c: PageContext) => Response | Promise<Response>;
}

/** True if the session has one of `roles`. Controls without a role are absent from the page. */
export function mayAct(c: PageContext, ...roles: Role[]): boolean {
  return roles.some((role) => c.get('caller').roles.includes(role));
}

/** Redirects to `path` after a successful action. The page there shows the sentence of `code` (`done` of `page`). */
export function seeDone(c: PageContext, path: string, code: string): Response {
  const [bare = '', query = ''] = path.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set('done', code);
  return c.redirect(`${bare}?${parameters}`, 303);
}

/** The path and query of this page with some parameters changed; undefined removes one. The cursor is removed. */
export function hrefWith(c: PageContext, changes: Readonly<Record<string, string | undefined>>): string {
  const parameters = new URL(c.req.url).searchParams;
  for (const [name, value] of Object.entries({ cursor: undefined, done: undefined, ...changes })) {
    if (value === undefined || value === '') parameters.delete(name);
    else parameters.set(name, value);
  }
  const query = parameters.toString();
  return query === '' ? c.req.path : `${c.req.path}?${query}`;
}

/** The fields of a submitted form as text. A field that is present several times has its last value; see `listOf`. */
export async function formOf(c: PageContext): Promise<Readonly<Record<string, string>>> {
  const body = await c.req.parseBody();
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

/** All values of a field that a form may contain several times, such as checkboxes. */
export async function listOf(c: PageContext, name: string): Promise<readonly string[]> {
  const { [name]: value } = await c.req.parseBody({ all: true });
  return [value].flat().filter((one): one is string => typeof one === 'string');
}

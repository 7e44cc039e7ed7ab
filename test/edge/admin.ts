/** Calls of the Worker's admin API. */

import { ADMIN_HOST } from '../support/edge/workerd.ts';
import { ask } from '../support/http/ask.ts';

/** Throws unless the status is 2xx. */
export type Admin = <T>(method: string, path: string, body?: unknown) => Promise<T>;

export function adminOf(url: string, token: string): Admin {
  return async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const headers = {
      host: ADMIN_HOST,
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'cf-connecting-ip': '127.0.0.1',
    };
    const text = body === undefined ? '' : JSON.stringify(body);
    const reply = await ask(url, path, { method, headers }, text);
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${reply.body}`);
    return JSON.parse(reply.body.toString()) as T;
  };
}

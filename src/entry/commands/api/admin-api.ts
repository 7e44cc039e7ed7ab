/** The client of the admin API in commands. A gateway or this process serves the requests. */

import { z } from 'zod';
import { UsageError } from '../../usage-error.ts';

const problemSchema = z.object({ detail: z.string() });

export interface AdminApi {
  /** Returns the JSON of the response. Throws `UsageError` for 400 and 404, `Error` for other refusals, with a hint. */
  ask(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  /** Returns the bytes of a file. Throws as `ask` does. */
  file(path: string): Promise<Uint8Array>;
  /** Like `ask`, with a body of CSV. */
  sendCsv(path: string, text: string): Promise<unknown>;
}

/** Sends a request to the API; `path` begins with a slash. */
export type Send = (path: string, init: RequestInit) => Promise<Response>;

/** @param name the server, as refusals name it. */
export function adminApi(token: string, name: string, send: Send): AdminApi {
  const request = async (method: string, path: string, body: string | null, type: string) => {
    const headers = { authorization: `Bearer ${token}`, ...(body === null ? {} : { 'content-type': type }) };
    const response = await send(path, { method, headers, body });
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer;
    throw refusal(response.status, answer, name);
  };
  const file = async (path: string) => {
    const response = await send(path, { headers: { authorization: `Bearer ${token}` } });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    throw refusal(response.status, await response.json().catch(() => null), name);
  };
  return {
    file,
    ask: (method, path, body) =>
      request(method, path, body === undefined ? null : JSON.stringify(body), 'application/json'),
    sendCsv: (path, text) => request('POST', path, text, 'text/csv'),
  };
}

function refusal(status: number, answer: unknown, name: string): Error {
  const problem = problemSchema.safeParse(answer);
  const detail = problem.success ? problem.data.detail : `status ${status}`;
  const message = `${name} refused: ${detail}`;
  return status === 400 || status === 404 ? new UsageError(message) : new Error(message);
}

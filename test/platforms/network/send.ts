/** Sends a request through a door of a blog. */

import { ask, type Reply as Received } from '../../support/http/ask.ts';
import type { BlogDoor } from './doors.ts';

export interface Reply extends Received {
  readonly text: string;
  /** Code of the gateway's problem; null for other responses. */
  readonly code: string | null;
}

export async function send(
  url: string,
  { method, host, path, sent }: BlogDoor,
  headers: Readonly<Record<string, string>>,
): Promise<Reply> {
  const type =
    sent === null ? {} : { 'content-type': sent.type, 'content-length': Buffer.byteLength(sent.body) };
  const reply = await ask(url, path, { method, headers: { ...headers, ...type, host } }, sent?.body);
  const text = reply.body.toString();
  const isProblem = reply.headers['content-type'] === 'application/problem+json';
  const code = isProblem ? ((JSON.parse(text) as { code?: string }).code ?? null) : null;
  return { ...reply, text, code };
}

/** An origin that answers as a test says, request by request. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedOrigin {
  readonly url: string;
  stop(): Promise<void>;
}

export type Script = (url: URL, response: ServerResponse, request: IncomingMessage) => void;

export async function startScriptedOrigin(script: Script): Promise<ScriptedOrigin> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) =>
    script(new URL(request.url!, 'http://origin'), response, request),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `{"data":[{"id":0},{"id":1}, ...]}` */
export function pageOf(posts: number): string {
  return JSON.stringify({ data: Array.from({ length: posts }, (_, id) => ({ id })) });
}

/** Posts of such a page that are whole in a part of it. */
export function postsIn(text: string): number {
  return text.match(/\{"id":\d+\}/g)?.length ?? 0;
}

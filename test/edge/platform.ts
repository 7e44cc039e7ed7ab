/** The platform of the conformance suite. It responds to each exchange as listed, and records the requests. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Origin } from '../support/origins/listening.ts';
import { startScriptedOrigin } from '../support/origins/scripted.ts';
import { EXCHANGES } from './exchanges.ts';

export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly bodyBytes: number;
}

export interface Platform extends Origin {
  /** The last request for this target. */
  lastFor(target: string): Arrived | undefined;
}

export async function startPlatform(): Promise<Platform> {
  const arrived = new Map<string, Arrived>();
  const origin = await startScriptedOrigin((url, response, request) => {
    const exchange = EXCHANGES[Number(/\/(\d+)$/.exec(url.pathname)?.[1] ?? Number.NaN)];
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const { method, headers } = request;
      arrived.set(request.url!, { method: method!, url: request.url!, headers, bodyBytes: body.length });
      if (exchange === undefined) response.writeHead(404).end('no such page');
      else exchange.answer(response, body);
    });
  });
  return { ...origin, lastFor: (target) => arrived.get(target) };
}

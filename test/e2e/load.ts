/** Clients that take page after page from gateways, and an origin that serves them; both keep their own count. */

import { Agent } from 'node:http';
import { ask } from './ask.ts';
import { pageOf, postsIn, type ScriptedOrigin, startScriptedOrigin } from './scripted-origin.ts';

export interface Taker {
  readonly clientId: string;
  readonly headers?: Record<string, string>;
  readonly localAddress?: string;
}

/** Tells the origin whose request it is, and which; the gateway passes them on as it does any header. */
const TAKER = 'x-taker';
const REQUEST = 'x-request';

export interface PostsOrigin extends ScriptedOrigin {
  /** Posts in answers, whole or not, by client. */
  readonly sent: ReadonlyMap<string, number>;
  /** Requests that have reached it. */
  readonly reached: ReadonlySet<string>;
}

/** @param delayMs how long a request is under way at least. */
export async function startPostsOrigin(delayMs = 0): Promise<PostsOrigin> {
  const sent = new Map<string, number>();
  const reached = new Set<string>();
  const origin = await startScriptedOrigin((url, response, request) => {
    const posts = Number(url.searchParams.get('n') ?? 0);
    const clientId = String(request.headers[TAKER]);
    if (posts > 0) reached.add(String(request.headers[REQUEST]));
    const answer = (): void => {
      sent.set(clientId, (sent.get(clientId) ?? 0) + posts);
      response.writeHead(200, { 'content-type': 'application/json' }).end(pageOf(posts));
    };
    if (delayMs === 0) answer();
    else setTimeout(answer, delayMs);
  });
  return { ...origin, sent, reached };
}

export interface LoadOptions {
  readonly takers: readonly Taker[];
  /** One of them at random for each request. */
  readonly gateways: () => readonly string[];
  /** Requests of each taker at a time. Default 2. */
  readonly each?: number;
  /** Each taker stops when it has this many posts. Default: it goes on until `stop`. */
  readonly posts?: number;
  /** Default true. */
  readonly keepAlive?: boolean;
}

export interface Load {
  /** Posts in responses that were received whole, by client. */
  readonly received: ReadonlyMap<string, number>;
  /** Requests that were not answered whole with 200. */
  readonly failed: ReadonlyArray<{ readonly request: string; readonly why: string }>;
  responses(): number;
  /** Resolves when every taker has its posts. */
  readonly done: Promise<void>;
  /** Resolves when the requests under way have ended. */
  stop(): Promise<void>;
}

const LARGEST_PAGE = 40;
let requests = 0;

export function startLoad(options: LoadOptions): Load {
  const { takers, gateways, each = 2, posts: goal = Number.POSITIVE_INFINITY } = options;
  const agent = new Agent({ keepAlive: options.keepAlive ?? true });
  const received = new Map<string, number>(takers.map(({ clientId }) => [clientId, 0]));
  const failed: Array<{ request: string; why: string }> = [];
  let responses = 0;
  let stopped = false;

  const takeOne = async ({ clientId, headers, localAddress }: Taker): Promise<void> => {
    const urls = gateways();
    const url = urls[Math.floor(Math.random() * urls.length)]!;
    const wanted = 1 + Math.floor(Math.random() * LARGEST_PAGE);
    const request = `${++requests}`;
    try {
      const reply = await ask(url, `/posts?n=${wanted}`, {
        agent,
        headers: { ...headers, [TAKER]: clientId, [REQUEST]: request },
        ...(localAddress === undefined ? {} : { localAddress }),
      });
      if (reply.status !== 200 || !reply.whole) throw new Error(`${reply.status}, whole: ${reply.whole}`);
      received.set(clientId, received.get(clientId)! + postsIn(reply.body.toString()));
      responses++;
    } catch (error) {
      failed.push({ request, why: String(error) });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const work = async (taker: Taker): Promise<void> => {
    while (!stopped && received.get(taker.clientId)! < goal) await takeOne(taker);
  };
  const working = Promise.all(takers.flatMap((taker) => Array.from({ length: each }, () => work(taker))));
  const done = working.then(() => agent.destroy());
  return {
    received,
    failed,
    responses: () => responses,
    done,
    stop: () => {
      stopped = true;
      return done;
    },
  };
}

/** Adds up what clients received in several loads. */
export function allReceived(loads: readonly Load[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const { received } of loads) {
    for (const [clientId, posts] of received) all.set(clientId, (all.get(clientId) ?? 0) + posts);
  }
  return all;
}

/** Clients that fetch page after page from gateways, in every way that clients do, and count for themselves. */

import { Agent, type RequestOptions } from 'node:http';
import { constants, gunzipSync } from 'node:zlib';
import { ask, type Reply } from '../support/http/ask.ts';
import { REQUEST, TAKER } from '../support/origins/posts.ts';
import { postsIn } from '../support/origins/scripted.ts';

export interface Taker {
  readonly clientId: string;
  readonly headers?: Record<string, string>;
  readonly localAddress?: string;
}

export interface LoadOptions {
  readonly takers: readonly Taker[];
  /** Each request goes to one of them at random. */
  readonly gateways: () => readonly string[];
  /** Concurrent requests of each taker. Default 2. */
  readonly each?: number;
  /** Each taker stops after this many posts. Default: it continues until `stop`. */
  readonly posts?: number;
  /** Default true. */
  readonly keepAlive?: boolean;
  /** Share of requests that the client aborts after some milliseconds, often in the middle. Default 0. */
  readonly aborted?: number;
  /** Maximum posts of a page. Default 40. */
  readonly largestPage?: number;
  /** Longest wait between two requests of a taker. Default 0. */
  readonly pauseMs?: number;
  /** Takers that read slowly: the posts of each page, and the pause after each chunk. */
  readonly slow?: { readonly posts: number; readonly readPauseMs: number };
}

/** The clients' own counts, in posts by client. */
export interface Load {
  /** Posts in responses that were received whole. */
  readonly received: ReadonlyMap<string, number>;
  /** Whole posts in responses that were not received whole. */
  readonly inParts: ReadonlyMap<string, number>;
  /** Requests that were not answered whole with 200, except those that the client aborted. */
  readonly failed: ReadonlyArray<{ readonly request: string; readonly why: string }>;
  responses(): number;
  /** Resolves when every taker has its posts. */
  readonly done: Promise<void>;
  /** Resolves when the requests in flight have ended. */
  stop(): Promise<void>;
}

const MAX_PAUSE_MS = 20;
/** The pause in a response that the client aborts. The first half arrives within this time even on a busy machine. */
const ABORTED_PAUSE_MS = 400;
const ABORTED_AFTER_MS = 300;
const FAILURE_PAUSE_MS = 10;
let requests = 0;

export function startLoad(options: LoadOptions): Load {
  const {
    takers,
    each = 2,
    posts: goal = Number.POSITIVE_INFINITY,
    pauseMs = 0,
    largestPage = 40,
    slow,
  } = options;
  const agent = new Agent({ keepAlive: options.keepAlive ?? true });
  const received = new Map<string, number>(takers.map(({ clientId }) => [clientId, 0]));
  const inParts = new Map<string, number>(takers.map(({ clientId }) => [clientId, 0]));
  const failed: Array<{ request: string; why: string }> = [];
  let responses = 0;
  let stopped = false;

  const takeOne = async (taker: Taker): Promise<void> => {
    const request = `${++requests}`;
    const broken = Math.random() < (options.aborted ?? 0) ? new AbortController() : undefined;
    const timer = broken && setTimeout(() => broken.abort(), Math.random() * ABORTED_AFTER_MS);
    const page =
      slow === undefined
        ? anyPage(largestPage, broken !== undefined)
        : { posts: slow.posts, path: `/posts?n=${slow.posts}` };
    try {
      const reply = await ask(oneOf(options.gateways()), page.path, {
        agent,
        ...requestOf(taker, request),
        ...(broken && { signal: broken.signal }),
        readPauseMs: slow?.readPauseMs ?? 0,
      });
      if (reply.status === 200) count(taker.clientId, reply);
      const found = reply.status === 200 && reply.whole ? postsIn(textOf(reply)) : undefined;
      if (found !== page.posts && !broken?.signal.aborted) {
        throw new Error(`${reply.status}, whole: ${reply.whole}, posts: ${found} of ${page.posts}`);
      }
    } catch (error) {
      if (broken?.signal.aborted) return;
      failed.push({ request, why: String(error) });
      await wait(FAILURE_PAUSE_MS);
    } finally {
      clearTimeout(timer);
    }
  };
  const count = (clientId: string, reply: Reply): void => {
    const tally = reply.whole ? received : inParts;
    tally.set(clientId, tally.get(clientId)! + postsIn(textOf(reply)));
    if (reply.whole) responses++;
  };
  const work = async (taker: Taker): Promise<void> => {
    while (!stopped && received.get(taker.clientId)! < goal) {
      await takeOne(taker);
      if (pauseMs > 0) await wait(Math.random() * pauseMs);
    }
  };
  const working = Promise.all(takers.flatMap((taker) => Array.from({ length: each }, () => work(taker))));
  const done = working.then(() => agent.destroy());
  return {
    received,
    inParts,
    failed,
    responses: () => responses,
    done,
    stop: () => {
      stopped = true;
      return done;
    },
  };
}

/** Sums what clients received in several loads. */
export function allReceived(loads: readonly Load[]): Map<string, number> {
  return sumOf(loads.map(({ received }) => received));
}

export function allInParts(loads: readonly Load[]): Map<string, number> {
  return sumOf(loads.map(({ inParts }) => inParts));
}

function sumOf(tallies: ReadonlyArray<ReadonlyMap<string, number>>): Map<string, number> {
  const sum = new Map<string, number>();
  for (const tally of tallies) {
    for (const [clientId, posts] of tally) sum.set(clientId, (sum.get(clientId) ?? 0) + posts);
  }
  return sum;
}

/** A page that will be aborted pauses in the middle, so that the abort hits it there. */
function anyPage(largest: number, isBroken: boolean): { readonly posts: number; readonly path: string } {
  const posts = 1 + Math.floor(Math.random() * largest);
  const gzip = Math.random() < 0.5 ? '&gzip=1' : '';
  const isSlow = isBroken || Math.random() < 0.2;
  const pauseMs = isBroken ? ABORTED_PAUSE_MS : Math.ceil(Math.random() * MAX_PAUSE_MS);
  return { posts, path: `/posts?n=${posts}${gzip}${isSlow ? `&halves=${pauseMs}` : ''}` };
}

function requestOf({ clientId, headers, localAddress }: Taker, request: string): RequestOptions {
  return {
    headers: { ...headers, [TAKER]: clientId, [REQUEST]: request },
    ...(localAddress === undefined ? {} : { localAddress }),
  };
}

/** Returns the text as far as it arrived. */
function textOf({ headers, body, whole }: Reply): string {
  if (headers['content-encoding'] !== 'gzip' || body.length === 0) return body.toString();
  return gunzipSync(body, whole ? {} : { finishFlush: constants.Z_SYNC_FLUSH }).toString();
}

function oneOf(urls: readonly string[]): string {
  const url = urls[Math.floor(Math.random() * urls.length)];
  if (url === undefined) throw new Error('there is no gateway');
  return url;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

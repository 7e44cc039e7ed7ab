/** Clients that take page after page from gateways, in all ways that clients have, and keep their own count. */

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
  /** One of them at random for each request. */
  readonly gateways: () => readonly string[];
  /** Requests of each taker at a time. Default 2. */
  readonly each?: number;
  /** Each taker stops when it has this many posts. Default: it goes on until `stop`. */
  readonly posts?: number;
  /** Default true. */
  readonly keepAlive?: boolean;
  /** Share of requests that the client breaks off after some milliseconds, often in the middle. Default 0. */
  readonly aborted?: number;
  /** Posts of a page at most. Default 40. */
  readonly largestPage?: number;
  /** Longest wait between two requests of a taker. Default 0. */
  readonly pauseMs?: number;
  /** Takers that read slowly: the posts of each page, and the pause after each chunk of it. */
  readonly slow?: { readonly posts: number; readonly readPauseMs: number };
}

/** What clients know of themselves, in posts by client. */
export interface Load {
  /** In responses that were received whole. */
  readonly received: ReadonlyMap<string, number>;
  /** Whole posts in responses that were not received whole. */
  readonly inParts: ReadonlyMap<string, number>;
  /** Requests that were not answered whole with 200, but for those that the client broke off itself. */
  readonly failed: ReadonlyArray<{ readonly request: string; readonly why: string }>;
  responses(): number;
  /** Resolves when every taker has its posts. */
  readonly done: Promise<void>;
  /** Resolves when the requests under way have ended. */
  stop(): Promise<void>;
}

const MAX_PAUSE_MS = 20;
/** Of a response that the client breaks off: the first half has come by then, also where the machine is busy. */
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
    const page = slow === undefined ? anyPage(largestPage, broken !== undefined) : pageFor(slow.posts);
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

/** Adds up what clients received in several loads. */
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

function pageFor(posts: number): { readonly posts: number; readonly path: string } {
  return { posts, path: `/posts?n=${posts}` };
}

/** One that is to be broken off takes its time in the middle, so that the break finds it there. */
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

/** As far as it came. */
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

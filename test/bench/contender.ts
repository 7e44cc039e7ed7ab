/** What the bench measures: something that listens in front of the origin. */

import type { Server } from './server.ts';

export interface Contender {
  readonly name: string;
  /** What it is to the bars: the yardstick, a proxy that only forwards (to be beaten or just seen), or ours. */
  readonly role: 'yardstick' | 'beat' | 'reference' | 'postmeter';
  /** Debian's package that it needs, where it needs one. */
  readonly program?: string;
  /** Ask for the pages whose posts the origin declares in a header. */
  readonly declared?: boolean;
  start(site: Site): Promise<Running>;
}

export interface Site {
  readonly originUrl: string;
  readonly originPort: number;
  /** Empty, for this contender alone. */
  readonly folder: string;
  readonly port: number;
}

export interface Running extends Pick<Server, 'url' | 'cpuMicros' | 'stop'> {
  /** Sent with every request to it, beside what wrk sends. */
  readonly headers?: Readonly<Record<string, string>>;
  /** After the last run: throws where it did not meter what it served. */
  verify?(served: Served): Promise<void>;
}

/** What wrk took from it in all, warm-ups too. */
export interface Served {
  /** In responses that wrk received whole. */
  posts: number;
  /** At most so many were in responses that wrk cut at the end of a run. */
  cutPosts: number;
}

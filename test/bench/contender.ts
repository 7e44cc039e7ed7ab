/** What the bench measures: something that listens in front of the origin. */

import type { ServerGroup } from './server.ts';

export interface Contender {
  readonly name: string;
  /**
   * What it is to the bars: a yardstick, a proxy that only forwards (to be beaten or just seen), one that counts as
   * ours does, or ours.
   */
  readonly role: 'yardstick' | 'beat' | 'reference' | 'peer' | 'postmeter';
  /** Debian's packages that it needs. */
  readonly packages?: readonly string[];
  /** A command that it needs and that is too large to be installed for it. */
  readonly command?: string;
  /** Ask for the pages whose posts the origin declares in a header. */
  readonly declared?: boolean;
  start(site: Site): Promise<Running>;
}

export interface Site {
  readonly originUrl: string;
  readonly originPort: number;
  /** Path of the Node that ours runs on. */
  readonly node: string;
  /** Empty, for this contender alone. */
  readonly folder: string;
  readonly port: number;
}

export interface Running extends ServerGroup {
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

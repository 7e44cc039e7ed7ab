/** The subjects of the bench: servers in front of the origin. */

import type { ServerGroup } from './server.ts';

export interface Contender {
  readonly name: string;
  /**
   * Its role for the bars: a yardstick, a proxy that only forwards (to beat, or for information), one that counts
   * like ours, or ours.
   */
  readonly role: 'yardstick' | 'beat' | 'reference' | 'peer' | 'postmeter';
  /** Debian's packages that it needs. */
  readonly packages?: readonly string[];
  /** A command that it needs and that is too large to install. */
  readonly command?: string;
  /** Requests the pages whose posts the origin declares in a header. */
  readonly declared?: boolean;
  start(site: Site): Promise<Running>;
}

export interface Site {
  readonly originUrl: string;
  readonly originPort: number;
  /** Path of the Node that runs ours. */
  readonly node: string;
  /** An empty folder for this contender. */
  readonly folder: string;
  readonly port: number;
}

export interface Running extends ServerGroup {
  /** Headers of every request to it, in addition to those of wrk. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called after the last run. Throws if the contender did not meter what it served. */
  verify?(served: Served): Promise<void>;
}

/** The posts that wrk received in total, including warm-ups. */
export interface Served {
  /** Posts in responses that wrk received whole. */
  posts: number;
  /** Maximum posts in responses that wrk cut at the end of a run. */
  cutPosts: number;
}

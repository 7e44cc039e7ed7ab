/** What the bench measures: something that listens in front of the origin. */

import type { Server } from './server.ts';

export interface Contender {
  readonly name: string;
  /** What it is to the bars: the yardstick, a proxy that only forwards (to be beaten or just seen), or ours. */
  readonly role: 'yardstick' | 'beat' | 'reference' | 'postmeter';
  /** Debian's package that it needs, where it needs one. */
  readonly program?: string;
  /** Put before a page's path; the origin declares counts below `/declared`. */
  readonly prefix?: string;
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
  /** After the last run: throws where it did not do what it was measured for. */
  verify?(served: Served): Promise<void>;
}

/** What wrk took from it in all, warm-ups too: at least so much must have been metered. */
interface Served {
  readonly requests: number;
  readonly posts: number;
}

/**
 * Tells open pages what kind of thing has changed. While at least one page listens, one statement every two seconds reads
 * a stamp of each topic. It works the same on every ledger, and costs nothing while no page is open.
 */

import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { type ChangeStamps, type Stamps, TOPICS, type Topic } from '../admin/changes.ts';
import type { AdminLog } from '../admin/port.ts';
import type { PageContext } from './context.ts';

const LOOK_MS = 2_000;
/** A page that hears nothing for two of these assumes that a proxy holds the stream back, and polls. */
const TICK_MS = 15_000;
/** The browser connects again after this, with a session that is still in force. */
const MAX_STREAM_MS = 10 * 60_000;

type Listener = (changed: readonly Topic[]) => void;

export class LiveFeed {
  readonly #changes: ChangeStamps;
  readonly #log: AdminLog;
  readonly #listeners = new Set<Listener>();
  #known: Stamps | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(changes: ChangeStamps, log: AdminLog) {
    this.#changes = changes;
    this.#log = log;
  }

  /** Calls `listener` with the topics that change from now on. Returns a function that stops it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) void this.#look();
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      clearTimeout(this.#timer);
      this.#known = null;
    };
  }

  async #look(): Promise<void> {
    try {
      const stamps = await this.#changes.stamps();
      const known = this.#known ?? stamps;
      this.#known = stamps;
      const changed = TOPICS.filter((topic) => stamps[topic] !== known[topic]);
      if (changed.length > 0) for (const listener of this.#listeners) listener(changed);
    } catch (error) {
      this.#log.warn({ err: error }, 'open pages cannot be renewed: the ledger does not answer');
    }
    clearTimeout(this.#timer);
    if (this.#listeners.size > 0) this.#timer = setTimeout(() => void this.#look(), LOOK_MS);
  }
}

/** The stream of changes of the topics in `?topics=`, separated by commas. */
export function liveStream(c: PageContext, feed: LiveFeed): Response {
  const asked = new Set(c.req.query('topics')?.split(','));
  // nginx would otherwise hold events back.
  c.header('x-accel-buffering', 'no');
  return streamSSE(c, (stream) => follow(stream, feed, asked));
}

async function follow(stream: SSEStreamingApi, feed: LiveFeed, asked: ReadonlySet<string>): Promise<void> {
  await new Promise<void>((end) => {
    const send = (event: string, topics: readonly Topic[]) =>
      void stream.writeSSE({ event, data: JSON.stringify({ topics }) }).catch(close);
    const stop = feed.listen((changed) => {
      const topics = changed.filter((topic) => asked.has(topic));
      if (topics.length > 0) send('changed', topics);
    });
    const ticks = setInterval(() => send('tick', []), TICK_MS);
    const limit = setTimeout(close, MAX_STREAM_MS);
    function close(): void {
      stop();
      clearInterval(ticks);
      clearTimeout(limit);
      end();
    }
    stream.onAbort(close);
    send('tick', []);
  });
}

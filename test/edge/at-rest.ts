/** Waits until the objects of clients have shipped their usage. */

import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

/** Longer than the time for which an object collects usage, and than its first retries. */
const REST_MS = 8_000;

/** Resolves with the result of `read` once it has not changed for longer than an object collects usage. */
export async function atRest<T>(read: () => Promise<T>): Promise<T> {
  for (let before = await read(); ; ) {
    await sleep(REST_MS);
    const now = await read();
    if (isDeepStrictEqual(now, before)) return now;
    before = now;
  }
}

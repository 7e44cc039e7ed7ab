/** Waiting for what the objects of clients keep to themselves for a while. */

import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

/** Longer than usage gathers in an object, and than the first rests between its attempts. */
const REST_MS = 8_000;

/** Resolves with what `read` returns once it has not changed for longer than an object keeps anything to itself. */
export async function atRest<T>(read: () => Promise<T>): Promise<T> {
  for (let before = await read(); ; ) {
    await sleep(REST_MS);
    const now = await read();
    if (isDeepStrictEqual(now, before)) return now;
    before = now;
  }
}

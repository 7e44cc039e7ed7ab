/** Blocking calls over HTTP, for the synchronous `append` of a journal. Another thread makes the request. */

import { Worker } from 'node:worker_threads';
import { outcomeOf } from './workerd.ts';

const MAX_BYTES = 16 * 1024 ** 2;
const TIMEOUT_MS = 30_000;

const REQUEST_LOOP = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { url, shared } = workerData;
  const state = new Int32Array(shared, 0, 2);
  const text = new Uint8Array(shared, 8);
  parentPort.on('message', async (body) => {
    const answer = await fetch(url, { method: 'POST', body })
      .then((response) => response.text())
      .catch((error) => JSON.stringify({ error: { name: error.name, message: String(error.cause ?? error) } }));
    state[1] = Buffer.from(answer).copy(text);
    Atomics.store(state, 0, 1);
    Atomics.notify(state, 0);
  });`;

export interface SyncCaller {
  call(body: string): unknown;
  stop(): Promise<void>;
}

export function startSyncCaller(url: string): SyncCaller {
  const shared = new SharedArrayBuffer(8 + MAX_BYTES);
  const state = new Int32Array(shared, 0, 2);
  const worker = new Worker(REQUEST_LOOP, { eval: true, workerData: { url, shared } });
  return {
    call: (body) => {
      Atomics.store(state, 0, 0);
      worker.postMessage(body);
      if (Atomics.wait(state, 0, 0, TIMEOUT_MS) === 'timed-out') throw new Error('no answer from the Worker');
      return outcomeOf(Buffer.from(new Uint8Array(shared, 8, state[1])).toString());
    },
    stop: async () => void (await worker.terminate()),
  };
}

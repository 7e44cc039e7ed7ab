/** Workers for comparison: one that forwards everything, and one that does what any meter of bodies must do. */

import { RUNTIME } from '../../support/edge/bundle.ts';
import { startRuntime } from '../../support/edge/workerd.ts';
import { freePort } from '../../support/services/free-port.ts';
import { ALONE, cpuMicrosOf, type EdgeServer } from './edge-server.ts';

/** The yardstick. The runtime forwards the body itself. */
export const BARE = `
export default {
  fetch(request, env) {
    const path = request.url.slice(request.url.indexOf('/', 8));
    return fetch(new Request(env.UPSTREAM + path, request));
  },
};`;

/**
 * Reads every header, and passes the end of the body through JavaScript after the head. Measures the runtime's cost
 * of that alone, without counting and calls.
 */
export const HOLDING = `
const listOf = (headers) => {
  const list = [];
  headers.forEach((value, name) => list.push(name, value));
  return list;
};
const headersOf = (list) => {
  const headers = new Headers();
  for (let at = 0; at < list.length; at += 2) headers.append(list[at], list[at + 1]);
  return headers;
};
const pass = async (body, writable, length) => {
  const { value } = await body.getReader({ mode: 'byob' }).readAtLeast(length, new Uint8Array(length));
  const writer = writable.getWriter();
  await Promise.all([writer.write(value), writer.close()]);
};
export default {
  async fetch(request, env, context) {
    const path = request.url.slice(request.url.indexOf('/', 8));
    const { method } = request;
    const init = { method, headers: headersOf(listOf(request.headers)), redirect: 'manual', encodeResponseBody: 'manual' };
    const { status, headers, body } = await fetch(env.UPSTREAM + path, init);
    const length = Number(headers.get('content-length'));
    const { readable, writable } = new FixedLengthStream(length);
    context.waitUntil(pass(body, writable, length));
    return new Response(readable, { status, headers: headersOf(listOf(headers)), encodeBody: 'manual' });
  },
};`;

export async function startScript(name: string, script: string, originUrl: string): Promise<EdgeServer> {
  const port = await freePort();
  const { miniflare, pid } = await startRuntime({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: script }],
    ...RUNTIME,
    cf: false,
    ...ALONE,
    host: '127.0.0.1',
    bindings: { UPSTREAM: originUrl },
    unsafeDirectSockets: [{ host: '127.0.0.1', port }],
  });
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    pid,
    headers: {},
    cpuMicros: () => cpuMicrosOf(pid),
    stop: () => miniflare.dispose(),
  };
}

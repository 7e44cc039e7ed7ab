/** The yardstick: a Worker that passes every request on and every body through, and does nothing else. */

import { startRuntime } from '../../edge/workerd.ts';
import { freePort } from '../../services/free-port.ts';
import { ALONE, cpuMicrosOf, type EdgeServer } from './edge-server.ts';

const SCRIPT = `
export default {
  fetch(request, env) {
    const path = request.url.slice(request.url.indexOf('/', 8));
    return fetch(new Request(env.UPSTREAM + path, request));
  },
};`;

export async function startBareWorker(originUrl: string): Promise<EdgeServer> {
  const port = await freePort();
  const { miniflare, pid } = await startRuntime({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: SCRIPT }],
    compatibilityDate: '2026-04-20',
    cf: false,
    ...ALONE,
    host: '127.0.0.1',
    bindings: { UPSTREAM: originUrl },
    unsafeDirectSockets: [{ host: '127.0.0.1', port }],
  });
  return {
    name: 'bare Worker',
    url: `http://127.0.0.1:${port}`,
    pid,
    headers: {},
    cpuMicros: () => cpuMicrosOf(pid),
    stop: () => miniflare.dispose(),
  };
}

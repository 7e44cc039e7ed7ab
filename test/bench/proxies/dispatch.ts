/** The minimum of a Node proxy: undici's `dispatch` forwards raw headers to Node's own response. */

import { createServer } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import { host, origin, port } from './arguments.ts';

const pool = new Pool(origin, { connections: 64 });
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding']);

createServer((request, response) => {
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(controller) {
      // wrk cuts requests in flight at the end of a run. A paused answer would keep its connection forever.
      response.once('close', () => {
        if (!response.writableFinished) controller.abort(new Error('The client is gone.'));
      });
    },
    onResponseStart(controller, status) {
      const raw = Array.isArray(controller.rawHeaders) ? controller.rawHeaders : [];
      const headers: string[] = [];
      for (let index = 0; index < raw.length; index += 2) {
        const name = String(raw[index]);
        if (!hopByHop.has(name.toLowerCase())) headers.push(name, String(raw[index + 1]));
      }
      response.writeHead(status, headers);
    },
    onResponseData(controller, chunk) {
      if (response.write(chunk)) return;
      controller.pause();
      response.once('drain', () => controller.resume());
    },
    onResponseEnd() {
      response.end();
    },
    onResponseError() {
      response.destroy();
    },
  };
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'];
  pool.dispatch(
    {
      path: request.url ?? '/',
      method: request.method as Dispatcher.HttpMethod,
      headers: request.rawHeaders,
      body: hasBody ? request : null,
    },
    handler,
  );
}).listen(port, host);

/** fast-proxy in front of the origin. */

import { createServer } from 'node:http';
import fastProxy from 'fast-proxy';
import { host, origin, port } from './arguments.ts';

const { proxy } = fastProxy({ base: origin });
createServer((request, response) => proxy(request, response, request.url ?? '/', {})).listen(port, host);

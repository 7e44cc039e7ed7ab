/** http-proxy-3 in front of the origin, with kept connections, which are not its default. */

import { Agent } from 'node:http';
import { createProxyServer } from 'http-proxy-3';
import { host, origin, port } from './arguments.ts';

createProxyServer({ target: origin, agent: new Agent({ keepAlive: true }) }).listen(port, host);

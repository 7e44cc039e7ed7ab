/** http-proxy-3 before the origin, with kept-alive connections, which it has not of itself. */

import { Agent } from 'node:http';
import { createProxyServer } from 'http-proxy-3';
import { host, origin, port } from './arguments.ts';

createProxyServer({ target: origin, agent: new Agent({ keepAlive: true }) }).listen(port, host);

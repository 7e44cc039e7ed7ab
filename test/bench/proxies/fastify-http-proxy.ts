/** @fastify/http-proxy in front of the origin. */

import httpProxy from '@fastify/http-proxy';
import { fastify } from 'fastify';
import { host, origin, port } from './arguments.ts';

const server = fastify();
await server.register(httpProxy, { upstream: origin });
await server.listen({ port, host });

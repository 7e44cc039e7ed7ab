/** hono/proxy in front of the origin, on @hono/node-server. */

import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { proxy } from 'hono/proxy';
import { host, origin, port } from './arguments.ts';

const app = new Hono();
app.all('*', (context) => proxy(origin + context.req.path, context.req));
serve({ fetch: app.fetch, port, hostname: host });

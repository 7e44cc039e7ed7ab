/**
 * The Hono frame around the gateway. It takes every method and path alike and never looks at the URL itself: what is
 * forwarded must not pass through a parser that could normalise it.
 */

import { type Env, type Handler, Hono } from 'hono';

export function createApp<E extends Env>(forward: Handler<E>): Hono<E> {
  const app = new Hono<E>({ getPath: () => '/' });
  app.all('/', forward);
  // An error belongs to the server, which closes the connection of its request.
  app.onError((error) => {
    throw error;
  });
  return app;
}

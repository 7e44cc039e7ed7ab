/** The HTTP API of operators and finance: who may in, what an error looks like, and the routes by subject. */

import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { secureHeaders } from 'hono/secure-headers';
import { type AdminEnv, authenticate } from './auth.ts';
import type { AdminApp, AdminDeps } from './deps.ts';
import { faultsOf } from './fault.ts';
import { faultsProblem, Problem, sendError, sendNotFound, sendProblem } from './problem.ts';
import { auditRoutes } from './routes/audit.ts';
import { breachRoutes } from './routes/breaches.ts';
import { clientRoutes } from './routes/clients.ts';
import { healthRoutes, metricsRoute } from './routes/health.ts';
import { hourlyUsageRoutes } from './routes/hourly-usage.ts';
import { identifierMoveRoute } from './routes/identifier-move.ts';
import { identifierRoutes } from './routes/identifiers.ts';
import { invoiceRoutes } from './routes/invoices.ts';
import { gapRoutes, parkingRoutes } from './routes/parkings.ts';
import { routeRoutes } from './routes/routes.ts';
import { tariffRoutes } from './routes/tariffs.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { uncountedRoutes } from './routes/uncounted.ts';
import { usageRoutes } from './routes/usage.ts';

/** The largest thing anybody sends here is a client with its address: a few kilobytes. */
const MAX_BODY_BYTES = 1_000_000;

export function createAdminApp(deps: AdminDeps): AdminApp {
  const app: AdminApp = new OpenAPIHono<AdminEnv>({
    defaultHook: (result) => {
      if (!result.success) throw faultsProblem(faultsOf(result.error.issues, wholeOf(result.target)));
    },
  });
  app.onError(sendError(deps.log, deps.newId));
  app.notFound(sendNotFound);
  guard(app);

  // Routes before `authenticate` are open to everybody; those after it are not.
  healthRoutes(app, deps);
  describe(app, deps.version);
  app.use('/metrics', authenticate(deps));
  app.use('/v1/*', authenticate(deps));
  metricsRoute(app, deps);
  clientRoutes(app, deps);
  identifierRoutes(app, deps);
  identifierMoveRoute(app, deps);
  tariffRoutes(app, deps);
  usageRoutes(app, deps);
  hourlyUsageRoutes(app, deps);
  routeRoutes(app, deps);
  uncountedRoutes(app, deps);
  breachRoutes(app, deps);
  invoiceRoutes(app, deps);
  parkingRoutes(app, deps);
  gapRoutes(app, deps);
  tokenRoutes(app, deps);
  auditRoutes(app, deps);
  return app;
}

function guard(app: AdminApp): void {
  app.use(secureHeaders());
  app.use(async (c, next) => {
    await next();
    // Keys and tokens are shown once, invoices are nobody else's: no cache keeps them.
    c.header('cache-control', 'no-store');
  });
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) =>
        sendProblem(
          c,
          new Problem(405, `Only ${methods.join(', ')} can be asked of this.`, {
            headers: { allow: methods.join(', ') },
          }),
        ),
    }),
  );
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new Problem(413, `The body is over ${MAX_BODY_BYTES} bytes: send less at once.`);
      },
    }),
  );
}

function describe(app: AdminApp, version: string): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of `postmeter token create`, or ADMIN_TOKEN. Roles: operator, finance, viewer.',
  });
  app.doc31('/v1/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Postmeter administration',
      version,
      description: 'Clients, their identifiers and tariffs, usage, breaches and invoices.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
  });
}

function wholeOf(target: string): string {
  return target === 'json' ? 'body' : target;
}

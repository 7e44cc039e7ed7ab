/** The HTTP API of operators and finance: who may in, what an error looks like, and the routes by subject. */

import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { secureHeaders } from 'hono/secure-headers';
import { demandAcceptable } from './acceptable.ts';
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
import { invoiceNumberRoutes } from './routes/invoice-numbers.ts';
import { invoiceRoutes } from './routes/invoices.ts';
import { gapRoutes, parkingRoutes } from './routes/parkings.ts';
import { policyRoutes } from './routes/policies.ts';
import { routeRoutes } from './routes/routes.ts';
import { tariffRoutes, tariffWithdrawalRoutes } from './routes/tariffs.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { totalRoutes } from './routes/totals.ts';
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
  app.onError(sendError(deps.log, deps.newId, deps.isLedgerAway));
  app.notFound(sendNotFound);
  guard(app);

  // Routes before `authenticate` are open to everybody; those after it are not.
  healthRoutes(app, deps);
  describe(app, deps.version);
  app.use('/metrics', authenticate(deps));
  app.use('/v1/*', authenticate(deps), demandAcceptable);
  for (const path of ['/v1/clients/*', '/v1/tariffs/*']) app.use(path, readYourWrites(deps));
  metricsRoute(app, deps);
  clientRoutes(app, deps);
  identifierRoutes(app, deps);
  identifierMoveRoute(app, deps);
  policyRoutes(app, deps);
  tariffRoutes(app, deps);
  tariffWithdrawalRoutes(app, deps);
  usageRoutes(app, deps);
  totalRoutes(app, deps);
  hourlyUsageRoutes(app, deps);
  routeRoutes(app, deps);
  uncountedRoutes(app, deps);
  breachRoutes(app, deps);
  invoiceRoutes(app, deps);
  invoiceNumberRoutes(app, deps);
  parkingRoutes(app, deps);
  gapRoutes(app, deps);
  tokenRoutes(app, deps);
  auditRoutes(app, deps);
  return app;
}

/** The answer to a write waits until the directory of this process has it: a new key is valid at once. */
function readYourWrites({ refreshDirectory, log }: AdminDeps): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    await next();
    if (c.req.method === 'GET' || c.req.method === 'HEAD' || !c.res.ok) return;
    await refreshDirectory().catch((error: unknown) => {
      log.warn(
        { err: error },
        'a change is in the ledger, and will be in use once the directory is read again',
      );
    });
  };
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

const TAGS = {
  audit: 'Who changed what, when and why.',
  breaches: 'Stretches of time in which a client was over its threshold.',
  clients: 'The parties that are metered and invoiced.',
  health: 'Whether the process lives and works, and its metrics.',
  identifiers: 'The keys and address ranges by which the gateway recognises a client.',
  invoices: 'Drafts, approvals and issued invoices.',
  parkings: 'Billing holds and their release, and what gateways could not meter.',
  policies: 'What operators decided about single clients, apart from their tariffs.',
  tariffs: 'Thresholds, prices and licences, by version.',
  tokens: 'Tokens for this API.',
  usage: 'Posts, requests and bytes by client and time.',
};

function describe(app: AdminApp, version: string): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of `postmeter token create`, or ADMIN_TOKEN. Roles: operator, finance, viewer.',
  });
  const settings = {
    openapi: '3.1.0',
    info: {
      title: 'Postmeter administration',
      version,
      description: 'Clients, their identifiers and tariffs, usage, breaches and invoices.',
      contact: { name: 'The operators of this Postmeter' },
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS).map(([name, about]) => ({ name, description: about })),
  };
  app.get('/v1/openapi.json', (c) => c.json(withRoleSentences(app.getOpenAPI31Document(settings))));
}

type Document = ReturnType<AdminApp['getOpenAPI31Document']>;

/** Ends the description of each operation with the roles that may call it. */
function withRoleSentences(document: Document): Document {
  for (const operation of Object.values(document.paths ?? {}).flatMap((path) => Object.values(path))) {
    const roles: readonly string[] | undefined = operation['x-roles'];
    if (roles === undefined) continue;
    const sentence = `Needs the role ${roles.join(' or ')}.`;
    operation.description = [operation.description, sentence].filter(Boolean).join(' ');
  }
  return document;
}

function wholeOf(target: string): string {
  return target === 'json' ? 'body' : target;
}

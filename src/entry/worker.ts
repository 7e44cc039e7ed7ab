/** Postmeter at the edge: a Worker before the platform, metered by a Durable Object for each client. Wiring alone. */

import type { ExecutionContext, Request, Response } from '@cloudflare/workers-types';
import { ADMINISTRATION_OBJECT, type EdgeBindings } from '../adapters/durable-object/bindings.ts';
import { runScheduledBilling } from './edge/billing.ts';
import { serve } from './edge/gateway.ts';

export { ClientObject } from '../adapters/durable-object/client-object.ts';
export { DirectoryObject } from '../adapters/durable-object/directory-object.ts';
export { LedgerObject } from '../adapters/durable-object/ledger-object.ts';
export { AdministrationObject } from './edge/administration.ts';

export default {
  fetch(request: Request, env: EdgeBindings, context: ExecutionContext): Promise<Response> {
    if (new URL(request.url).host === env.ADMIN_HOST) {
      return env.ADMINISTRATION.getByName(ADMINISTRATION_OBJECT).fetch(request);
    }
    return serve(request, env, context);
  },

  async scheduled(_controller: unknown, env: EdgeBindings): Promise<void> {
    await runScheduledBilling(env);
  },
};

/** The Worker of Postmeter at the edge and its Durable Object classes. This file only wires them. */

import type { Request, Response } from '@cloudflare/workers-types';
import { ADMINISTRATION_OBJECT, type EdgeBindings } from '../adapters/durable-object/bindings.ts';
import { isOnHost } from '../adapters/worker/request-facts.ts';
import { runScheduledBilling } from './edge/billing.ts';
import { serve } from './edge/gateway.ts';

export { ClientObject } from '../adapters/durable-object/client-object.ts';
export { DirectoryObject } from '../adapters/durable-object/directory-object.ts';
export { LedgerObject } from '../adapters/durable-object/ledger-object.ts';
export { RightsObject } from '../adapters/durable-object/rights-object.ts';
export { AdministrationObject } from './edge/administration.ts';

export default {
  fetch(request: Request, env: EdgeBindings): Promise<Response> {
    if (isOnHost(request.url, env.ADMIN_HOST)) {
      return env.ADMINISTRATION.getByName(ADMINISTRATION_OBJECT).fetch(request);
    }
    return serve(request, env);
  },

  async scheduled(_controller: unknown, env: EdgeBindings): Promise<void> {
    await runScheduledBilling(env);
  },
};

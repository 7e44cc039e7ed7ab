/** The product's Worker with fake client objects that answer at once, to measure its isolate alone. */

import type { Request, Response } from '@cloudflare/workers-types';
import type { EdgeBindings } from '../../../src/adapters/durable-object/bindings.ts';
import type { ClientObjectMethods } from '../../../src/adapters/edge/protocol.ts';
import worker from '../../../src/entry/worker.ts';

export {
  AdministrationObject,
  ClientObject,
  DirectoryObject,
  LedgerObject,
  RightsObject,
} from '../../../src/entry/worker.ts';

const ANSWERING: ClientObjectMethods = {
  record: async ({ clientId }) => ({ clientId, posts: 0, asOfMs: Date.now(), isKnown: true }),
  correct: async () => {},
  wake: async () => true,
  total: async (clientId) => ({ clientId, posts: 0, asOfMs: Date.now(), isKnown: true }),
};
const answering = ANSWERING as ReturnType<EdgeBindings['CLIENTS']['getByName']>;

let alone: EdgeBindings | undefined;

export default {
  ...worker,
  fetch(request: Request, env: EdgeBindings): Promise<Response> {
    alone ??= {
      ...env,
      CLIENTS: {
        getByName: () => answering,
        get: () => answering,
        idFromName: (name) => env.CLIENTS.idFromName(name),
        idFromString: (id) => env.CLIENTS.idFromString(id),
      },
    };
    return worker.fetch(request, alone);
  },
};

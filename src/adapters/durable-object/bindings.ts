/** The bindings of `wrangler.toml`: the environment of the Worker and of its Durable Objects. */

import type { DurableObjectId, Fetcher, Hyperdrive } from '@cloudflare/workers-types';
import type {
  ClientObjectMethods,
  DirectoryObjectMethods,
  LedgerObjectMethods,
  RightsObjectMethods,
} from '../edge/protocol.ts';

/** The objects of one class, by name. Each method call is one billed request to the object. */
export interface Objects<Methods> {
  getByName(name: string): Methods & Pick<Fetcher, 'fetch'>;
}

/** Objects that can be called by id, because an object knows its own id but not always its name. */
export interface ObjectsById<Methods> extends Objects<Methods> {
  idFromName(name: string): DurableObjectId;
  idFromString(id: string): DurableObjectId;
  get(id: DurableObjectId): Methods;
}

/** The methods of the AdministrationObject besides `fetch`. The cron trigger calls `bill`. */
export interface AdministrationMethods {
  bill(): Promise<void>;
}

export interface EdgeBindings {
  /** One object per client, named by the client's id. */
  readonly CLIENTS: ObjectsById<ClientObjectMethods>;
  /** A few objects, named by `ledgerObjectOf`. */
  readonly LEDGER: Objects<LedgerObjectMethods>;
  /** One object, named `DIRECTORY_OBJECT`. */
  readonly DIRECTORY: Objects<DirectoryObjectMethods>;
  /** One object, named `RIGHTS_OBJECT`. */
  readonly RIGHTS: Objects<RightsObjectMethods>;
  /** One object, named `ADMINISTRATION_OBJECT`. */
  readonly ADMINISTRATION: Objects<AdministrationMethods>;
  readonly HYPERDRIVE: Pick<Hyperdrive, 'connectionString'>;
  /** URL of the platform. */
  readonly UPSTREAM: string;
  /** Host name of the admin API and pages; with a port only if other services share the host name. */
  readonly ADMIN_HOST: string;
  readonly ADMIN_TOKEN?: string;
  /** Secret of the hashes of API keys. If it is absent, the ledger generates and stores one. */
  readonly POSTMETER_SECRET?: string;
  /** Secret of the platform's webhook; absent: the webhook is off. */
  readonly RIGHTS_WEBHOOK_SECRET?: string;
  /** Text of a configuration that replaces the file in the bundle. */
  readonly POSTMETER_CONFIG?: string;
}

export const DIRECTORY_OBJECT = 'directory';
export const RIGHTS_OBJECT = 'rights';
export const ADMINISTRATION_OBJECT = 'administration';

/** Number of objects that hold connections to the database, two each. */
const LEDGER_OBJECTS = 4;

/** The name of the ledger object that takes the journal of a client: always the same one, by FNV-1a over the id. */
export function ledgerObjectOf(clientId: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < clientId.length; at++) {
    hash = Math.imul(hash ^ clientId.charCodeAt(at), 0x01000193);
  }
  return `ledger-${(hash >>> 0) % LEDGER_OBJECTS}`;
}

/** What `wrangler.toml` binds: the environment of the Worker and of its Durable Objects. */

import type { DurableObjectId, Fetcher, Hyperdrive } from '@cloudflare/workers-types';
import type { ClientObjectMethods, DirectoryObjectMethods, LedgerObjectMethods } from '../edge/protocol.ts';

/** Objects of one class by their names. A call of a method is one request to the object. */
export interface Objects<Methods> {
  getByName(name: string): Methods & Pick<Fetcher, 'fetch'>;
}

/** Objects that can be called by their id alone: an object knows its own, and not always its name. */
export interface ObjectsById<Methods> extends Objects<Methods> {
  idFromName(name: string): DurableObjectId;
  idFromString(id: string): DurableObjectId;
  get(id: DurableObjectId): Methods;
}

/** The AdministrationObject answers requests, and runs billing when the cron trigger says so. */
export interface AdministrationMethods {
  bill(): Promise<void>;
}

export interface EdgeBindings {
  /** One object a client, by the client's id. */
  readonly CLIENTS: ObjectsById<ClientObjectMethods>;
  /** A few objects, named by `ledgerObjectOf`. */
  readonly LEDGER: Objects<LedgerObjectMethods>;
  /** One object, named `DIRECTORY_OBJECT`. */
  readonly DIRECTORY: Objects<DirectoryObjectMethods>;
  /** One object, named `ADMINISTRATION_OBJECT`. */
  readonly ADMINISTRATION: Objects<AdministrationMethods>;
  readonly HYPERDRIVE: Pick<Hyperdrive, 'connectionString'>;
  /** URL of the platform. */
  readonly UPSTREAM: string;
  /** Host name of the admin API and pages; with a port only where others share it. */
  readonly ADMIN_HOST: string;
  readonly ADMIN_TOKEN?: string;
  /** Keys the hashes of API keys; without it the ledger keeps a secret of its own. */
  readonly POSTMETER_SECRET?: string;
  /** The text of a configuration, in place of the file in the bundle. */
  readonly POSTMETER_CONFIG?: string;
}

export const DIRECTORY_OBJECT = 'directory';
export const ADMINISTRATION_OBJECT = 'administration';

/** So many hold connections to the database, two each. */
const LEDGER_OBJECTS = 4;

/** The ledger object to which the journal of a client goes, always the same one: FNV-1a over the id. */
export function ledgerObjectOf(clientId: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < clientId.length; at++) {
    hash = Math.imul(hash ^ clientId.charCodeAt(at), 0x01000193);
  }
  return `ledger-${(hash >>> 0) % LEDGER_OBJECTS}`;
}

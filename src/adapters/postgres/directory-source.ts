/** Loads the directory of clients from the ledger, and reports changes made by any process. */

import { randomBytes } from 'node:crypto';
import { asc, eq, isNull } from 'drizzle-orm';
import type { DirectorySnapshot, DirectorySource, IdentifierEntry } from '../../identify/port.ts';
import { tariffVersionOf } from './billing/rows.ts';
import { type LedgerConnection, type LedgerDb, orLedgerFailure } from './connection/db.ts';
import { policyOf } from './policy-rows.ts';
import { policyVersionOf, recentPolicies } from './rights/policies.ts';
import { clientPolicies, clients, identifiers, secrets, tariffVersions } from './schema.ts';
import { notRetired } from './tariff-rows.ts';

export interface DirectorySourceOptions {
  /** The secret that keys the hashes of API keys, if the operator provides it; otherwise the ledger stores one. */
  readonly keySecret?: string;
  /** How often `changed` is called even without a notification, in milliseconds. Default 60,000. */
  readonly pollMs?: number;
}

/** The triggers in drizzle/ notify on this channel. */
const CHANNEL = 'postmeter_directory';
/** One change often takes several transactions; the reload waits for them. */
const GATHER_MS = 50;
const SECRET_NAME = 'key_hash';
const SECRET_BYTES = 32;

export function ledgerDirectorySource(
  connection: LedgerConnection,
  options: DirectorySourceOptions = {},
): DirectorySource {
  const { db } = connection;
  return {
    load: () =>
      orLedgerFailure(
        'the directory of clients could not be read from the ledger',
        db.transaction(snapshotIn, { isolationLevel: 'repeatable read', accessMode: 'read only' }),
      ),
    watch: (changed) => watch(connection, changed, options.pollMs ?? 60_000),
    keySecret: async () =>
      options.keySecret === undefined
        ? orLedgerFailure('the secret of the key hashes could not be read from the ledger', keptSecret(db))
        : Buffer.from(options.keySecret, 'utf8'),
  };
}

async function snapshotIn(tx: LedgerDb): Promise<DirectorySnapshot> {
  const operators = eq(clients.source, 'operator');
  const named = { id: clients.id, name: clients.name, askerClass: clients.askerClass };
  const known = await tx.select(named).from(clients).where(operators);
  const rows = await tx.select().from(identifiers).where(isNull(identifiers.revokedAt));
  const versions = await tx
    .select()
    .from(tariffVersions)
    .where(notRetired)
    .orderBy(asc(tariffVersions.version));
  const policies = await tx.select().from(clientPolicies);
  const published = await recentPolicies(tx);
  return {
    clients: known.map(({ askerClass, ...client }) =>
      askerClass === null ? client : { ...client, askerClass },
    ),
    identifiers: rows.map(identifierOf),
    tariffs: versions.map(tariffVersionOf),
    policies: policies.map((row) => ({ clientId: row.clientId, policy: policyOf(row) })),
    policyVersions: published.map(policyVersionOf),
  };
}

function identifierOf(row: typeof identifiers.$inferSelect): IdentifierEntry {
  const { id, clientId } = row;
  if (row.kind === 'api_key' && row.keyHash !== null) {
    return { id, clientId, kind: 'api_key', keyHash: row.keyHash };
  }
  if (row.kind === 'cidr' && row.cidr !== null) return { id, clientId, kind: 'cidr', cidr: row.cidr };
  if (row.kind === 'agent' && row.agent !== null) return { id, clientId, kind: 'agent', agent: row.agent };
  throw new TypeError(`identifier ${id} in the ledger is neither a key, a range nor an agent`);
}

async function watch(
  connection: LedgerConnection,
  changed: () => void,
  pollMs: number,
): Promise<() => Promise<void>> {
  let gathering: NodeJS.Timeout | undefined;
  const heard = () => {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      changed();
    }, GATHER_MS);
  };
  const unlisten = await connection.listen(CHANNEL, heard);
  const poll = setInterval(changed, pollMs);
  return async () => {
    clearInterval(poll);
    clearTimeout(gathering);
    await unlisten();
  };
}

/** The first process creates the secret. If several try at once, one row remains, and all read it. */
async function keptSecret(db: LedgerDb): Promise<Buffer> {
  await db
    .insert(secrets)
    .values({ name: SECRET_NAME, value: randomBytes(SECRET_BYTES) })
    .onConflictDoNothing();
  const [kept] = await db.select({ value: secrets.value }).from(secrets).where(eq(secrets.name, SECRET_NAME));
  return kept!.value;
}

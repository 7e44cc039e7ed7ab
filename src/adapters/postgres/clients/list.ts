/** The list of clients: filters as SQL conditions, keyset pages by id or by the cached totals. */

import { and, asc, desc, eq, gt, ilike, inArray, lt, ne, notInArray, or, type SQL, sql } from 'drizzle-orm';
import type { ClientList, ClientListFilter, ClientOrder } from '../../../admin/client-list.ts';
import { NEAR_SHARE } from '../../../admin/client-list.ts';
import type { Page, PageRequest } from '../../../admin/port.ts';
import { clientRecordOf } from '../admin/clients.ts';
import { pageOf, rowsAsked } from '../admin/page.ts';
import type { LedgerDb } from '../connection/db.ts';
import { billingHolds, breaches, clients, clientTotals, identifiers, usage } from '../schema.ts';

/** A client with its place in the order; null if the cache has no total of it. */
interface Placed {
  readonly client: typeof clients.$inferSelect;
  readonly share: number | null;
  readonly total: number | null;
}

/** The place of clients without a total, after all others. */
const UNPLACED = { share: -2, total: -1 };

export function postgresClientList(db: LedgerDb): ClientList {
  const search = async (
    filter: ClientListFilter,
    order: ClientOrder,
    page: PageRequest,
  ): Promise<Page<Placed>> => {
    const rows = await (order === 'id' ? byId(db, filter, page) : byTotals(db, filter, order, page));
    return pageOf(rows, page, (row) => row, keyOf[order]);
  };
  return {
    async search(filter, order, page) {
      const { items, next } = await search(filter, order, page);
      return { items: items.map(({ client }) => clientRecordOf(client)), next };
    },

    async count(filter, max) {
      const found = db
        .select({ one: sql`1` })
        .from(clients)
        .where(matches(db, filter))
        .limit(max)
        .as('found');
      const [row] = await db.select({ n: sql`count(*)`.mapWith(Number) }).from(found);
      return row!.n;
    },

    async ids(filter, order) {
      const { items } = await search(filter, order, { limit: 2 ** 31 - 2, after: null });
      return items.map(({ client }) => client.id);
    },

    async byIds(ids) {
      const rows = await db
        .select()
        .from(clients)
        .where(inArray(clients.id, [...ids]));
      return rows.map(clientRecordOf);
    },
  };
}

const keyOf: Record<ClientOrder, (row: Placed) => string> = {
  id: ({ client }) => client.id,
  share: ({ client, share, total }) => `${share ?? UNPLACED.share} ${total ?? UNPLACED.total} ${client.id}`,
  total: ({ client, total }) => `${total ?? UNPLACED.total} ${client.id}`,
};

async function byId(db: LedgerDb, filter: ClientListFilter, page: PageRequest): Promise<Placed[]> {
  const rows = await db
    .select()
    .from(clients)
    .where(and(matches(db, filter), page.after === null ? undefined : gt(clients.id, page.after)))
    .orderBy(asc(clients.id))
    .limit(rowsAsked(page));
  return rows.map((client) => ({ client, share: null, total: null }));
}

/** Clients with a total in the order of an index of the cache, then the others by descending id. */
async function byTotals(
  db: LedgerDb,
  filter: ClientListFilter,
  order: 'share' | 'total',
  page: PageRequest,
): Promise<Placed[]> {
  const key = page.after?.split(' ');
  const isPlaced = key === undefined || Number(key[0]) !== UNPLACED[order];
  const limit = rowsAsked(page);
  const placed = isPlaced ? await placedRows(db, filter, order, key, limit) : [];
  if (placed.length === limit) return placed;
  const rows = await db
    .select()
    .from(clients)
    .where(
      and(
        matches(db, filter),
        sql`not exists (${db.select({ one: sql`1` }).from(clientTotals).where(eq(clientTotals.clientId, clients.id))})`,
        isPlaced ? undefined : lt(clients.id, key!.at(-1)!),
      ),
    )
    .orderBy(desc(clients.id))
    .limit(limit - placed.length);
  return [...placed, ...rows.map((client) => ({ client, share: null, total: null }))];
}

function placedRows(
  db: LedgerDb,
  filter: ClientListFilter,
  order: 'share' | 'total',
  key: readonly string[] | undefined,
  limit: number,
): Promise<Placed[]> {
  const { share, total, clientId } = clientTotals;
  const after =
    order === 'share'
      ? sql`(${share}, ${total}, ${clientId}) < (${key?.[0]}::float8, ${key?.[1]}::bigint, ${key?.[2]})`
      : sql`(${total}, ${clientId}) < (${key?.[0]}::bigint, ${key?.[1]})`;
  return db
    .select({ client: clients, share, total })
    .from(clientTotals)
    .innerJoin(clients, eq(clients.id, clientId))
    .where(and(matches(db, filter), key === undefined ? undefined : after))
    .orderBy(
      ...(order === 'share' ? [desc(share), desc(total), desc(clientId)] : [desc(total), desc(clientId)]),
    )
    .limit(limit);
}

function matches(db: LedgerDb, filter: ClientListFilter): SQL | undefined {
  const { kind, text, address, state, scopes = [], seenSinceMs } = filter;
  const exists = (
    table: typeof usage | typeof identifiers | typeof breaches | typeof clientTotals,
    of: SQL | undefined,
  ) =>
    sql`exists (${db
      .select({ one: sql`1` })
      .from(table)
      .where(and(eq(table.clientId, clients.id), of))})`;
  const isState = {
    over: () => exists(clientTotals, gt(clientTotals.share, 1)),
    near: () => exists(clientTotals, sql`${clientTotals.share} between ${NEAR_SHARE} and 1`),
    in_breach: () => exists(breaches, eq(breaches.state, 'open')),
    settling: () => exists(breaches, eq(breaches.state, 'settling')),
    on_hold: () =>
      sql`exists (select from ${billingHolds} where ${billingHolds.releasedAt} is null
        and (${billingHolds.clientId} = ${clients.id} or ${billingHolds.clientId} is null))`,
  };
  const found = () => {
    const part = `%${text!.replaceAll(/[\\%_]/g, '\\$&')}%`;
    return or(
      ilike(clients.id, part),
      ilike(clients.name, part),
      ilike(clients.legalName, part),
      exists(
        identifiers,
        or(
          eq(identifiers.id, text!),
          eq(identifiers.keyHint, text!),
          sql`${identifiers.cidr}::text ilike ${part}`,
          ilike(identifiers.agent, part),
          address === undefined ? undefined : sql`${identifiers.cidr} >>= ${address}::inet`,
        ),
      ),
    );
  };
  return and(
    kind === undefined
      ? undefined
      : kind === 'named'
        ? eq(clients.source, 'operator')
        : ne(clients.source, 'operator'),
    state === undefined ? undefined : isState[state](),
    ...scopes.map((scope) =>
      'only' in scope ? inArray(clients.id, [...scope.only]) : notInArray(clients.id, [...scope.except]),
    ),
    seenSinceMs === undefined
      ? undefined
      : exists(usage, sql`${usage.bucketAt} >= ${new Date(seenSinceMs).toISOString()}::timestamptz`),
    text === undefined ? undefined : found(),
  );
}

/** The route that lists clients: all by id, or searched, filtered and sorted with their present figures. */

import { createRoute, z } from '@hono/zod-openapi';
import { parseAddress } from '../../../identify/address.ts';
import { type ClientScope, tariffsAt } from '../../../report/client-totals.ts';
import { CLIENT_COLUMNS, clientCells, clientNowView } from '../../../report/clients/client-now-view.ts';
import { loadClientsNow } from '../../../report/clients/load.ts';
import { csvLines } from '../../../report/csv.ts';
import { versionAt } from '../../../tariff/differences.ts';
import type { Tariff, TariffVersion } from '../../../tariff/tariff.ts';
import { anyRole } from '../../auth.ts';
import { CLIENT_STATES, type ClientListFilter, type ClientOrder, NEAR_SHARE } from '../../client-list.ts';
import { CSV_CONTENT, csvResponse, FORMAT_QUERY, wantsCsv } from '../../csv-response.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { lineOfText, TimestampIn } from '../../fields.ts';
import { ID_KEY, pageAsk, pageFields, pageJson, pageSchema } from '../../paging.ts';
import type { ClientRecord } from '../../port.ts';
import { fieldProblem, problems } from '../../problem.ts';
import { ClientNowSchema } from './client-now-schema.ts';
import { ClientSchema } from './client-schemas.ts';
import { clientJson } from './clients.ts';

/** Number of rows per read from the ledger while a CSV is streamed. */
const CSV_PAGE = 200;
const MAX_MATCHES = 10_000;
/** Keys of the orders by total begin with one or two numbers. */
const KEYS: Record<ClientOrder, RegExp> = {
  id: ID_KEY,
  share: /^-?\d+(\.\d+)?(e[-+]\d+)? -?\d{1,16} [a-zA-Z0-9:._/-]{1,128}$/,
  total: /^-?\d{1,16} [a-zA-Z0-9:._/-]{1,128}$/,
};
const ANY_KEY = new RegExp(
  Object.values(KEYS)
    .map(({ source }) => source)
    .join('|'),
);
const ORDERS = { id: 'id', '-share': 'share', '-total': 'total' } as const;

const query = z.strictObject({
  ...pageFields(ANY_KEY),
  q: lineOfText(200).optional().openapi({
    description:
      'Part of an id, name, legal name, address range or agent; an address; the last four characters of a key; or the id of an identifier.',
  }),
  state: z
    .enum(CLIENT_STATES)
    .optional()
    .openapi({
      description: `over: more posts than the threshold. near: from ${NEAR_SHARE * 100} % of it. Both follow totals that are at most a minute old if billing runs. exempt and licensed: by the tariff in force.`,
    }),
  kind: z
    .enum(['named', 'callers', 'all'])
    .optional()
    .openapi({ description: 'named: added by operators. callers: created by the ledger. Default: all.' }),
  sort: z.enum(['id', '-share', '-total']).optional().openapi({
    description:
      'Default: id. The others sort the largest first, by totals that are at most a minute old if billing runs.',
  }),
  tariff: z.enum(['default', 'own']).optional().openapi({
    description: 'own: a version of its own is in force. default: the others.',
  }),
  seenSince: TimestampIn.optional().openapi({ description: 'Only clients with usage since then.' }),
  ...FORMAT_QUERY,
});
type Query = z.output<typeof query>;

const ListedClientSchema = ClientSchema.extend({
  now: ClientNowSchema.optional().openapi({
    description:
      'Present figures, computed from usage. Absent if no parameter but limit and cursor is given.',
  }),
}).openapi('ListedClient');

export const ClientPageSchema = z
  .object({
    ...pageSchema(ListedClientSchema, 'ListedClients').shape,
    matches: z
      .object({
        count: z.int().openapi({ description: `Exact up to ${MAX_MATCHES}.` }),
        isExact: z.boolean().openapi({ description: 'false: there are more.' }),
      })
      .optional()
      .openapi({ description: 'The number of clients on all pages. Present if the items have `now`.' }),
  })
  .openapi('ClientPage');

type Deps = Pick<AdminDeps, 'store' | 'clientList' | 'figures' | 'now' | 'rules'>;

export function clientListRoute(app: AdminApp, deps: Deps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/clients',
      operationId: 'listClients',
      summary: 'Clients, by id or sorted, with their present figures if asked for; CSV contains all matches',
      tags: ['clients'],
      ...anyRole(),
      request: { query },
      responses: {
        200: {
          description: 'A page.',
          content: { 'application/json': { schema: ClientPageSchema }, ...CSV_CONTENT },
        },
        ...problems(),
      },
    }),
    async (c) => {
      const asked = c.req.valid('query');
      const { clientList } = deps;
      const order = ORDERS[asked.sort ?? 'id'];
      const page = demandKeyOf(order, pageAsk(asked));
      const filter = await filterOf(deps, asked);
      if (wantsCsv(c, asked)) return csvResponse('clients', csvOf(deps, filter, order), asked);
      const found = await clientList.search(filter, order, page);
      if (isPlain(asked)) return c.json(pageJson(found, clientJson), 200);
      const [views, count] = await Promise.all([
        viewsOf(deps, found.items),
        clientList.count(filter, MAX_MATCHES + 1),
      ]);
      const matches = { count: Math.min(count, MAX_MATCHES), isExact: count <= MAX_MATCHES };
      const json = pageJson(found, (client) => ({ ...clientJson(client), now: views.get(client.id)! }));
      return c.json({ ...json, matches }, 200);
    },
  );
}

function isPlain({ q, state, kind, tariff, sort, seenSince }: Query): boolean {
  return [q, state, kind, tariff, sort, seenSince].every((given) => given === undefined);
}

function demandKeyOf(order: ClientOrder, page: ReturnType<typeof pageAsk>) {
  if (page.after === null || KEYS[order].test(page.after)) return page;
  throw fieldProblem(
    400,
    'cursor',
    'belongs to another order of this list',
    'send the sort of the previous page, or omit the cursor for the first page',
  );
}

async function filterOf({ store, now, rules }: Deps, asked: Query): Promise<ClientListFilter> {
  const { q, state, kind, tariff, seenSince } = asked;
  const ofTariff = state === 'licensed' || state === 'exempt';
  const versions = ofTariff || tariff !== undefined ? await store.allTariffVersions() : [];
  const ofKind = (wanted: Tariff['kind']): ClientScope => {
    const tariffOf = tariffsAt(versions, rules.bucketSeconds, now());
    const own = new Set(versions.flatMap(({ clientId }) => (clientId === null ? [] : [clientId])));
    const isGeneral = tariffOf('').kind === wanted;
    const different = [...own].filter((id) => (tariffOf(id).kind === wanted) !== isGeneral);
    return isGeneral ? { except: different } : { only: different };
  };
  return {
    text: q,
    address: q === undefined ? undefined : parseAddress(q)?.text,
    kind: kind === 'all' ? undefined : kind,
    state: ofTariff ? undefined : state,
    scopes: [
      ...(ofTariff ? [ofKind(state === 'licensed' ? 'licence' : 'exempt')] : []),
      ...(tariff === undefined ? [] : [ofTerms(tariff, versions, now())]),
    ],
    seenSinceMs: seenSince,
  };
}

/** The clients that have terms of their own now, or all others. */
function ofTerms(wanted: 'default' | 'own', versions: readonly TariffVersion[], nowMs: number): ClientScope {
  const ids = new Set(versions.flatMap(({ clientId }) => clientId ?? []));
  // Own terms of null return to the default.
  const own = [...ids].filter((id) => {
    const current = versionAt(
      versions.filter(({ clientId }) => clientId === id),
      nowMs,
    );
    return (current?.tariff ?? null) !== null;
  });
  return wanted === 'own' ? { only: own } : { except: own };
}

/** Returns the figures of the clients by id. */
async function viewsOf({ store, figures, now, rules }: Deps, clients: readonly ClientRecord[]) {
  const clock = { nowMs: now(), bucketSeconds: rules.bucketSeconds };
  const ids = clients.map(({ id }) => id);
  const found = await loadClientsNow({ store, figures }, ids, clock);
  return new Map(Array.from(found, ([id, each]) => [id, clientNowView(each)]));
}

/** Reads all ids first, because a client that moves in the order meanwhile would be missing or appear twice. */
async function* csvOf(deps: Deps, filter: ClientListFilter, order: ClientOrder): AsyncGenerator<string> {
  const ids = await deps.clientList.ids(filter, order);
  yield csvLines([[...CLIENT_COLUMNS]]);
  for (let at = 0; at < ids.length; at += CSV_PAGE) {
    const some = ids.slice(at, at + CSV_PAGE);
    const clients = new Map((await deps.clientList.byIds(some)).map((client) => [client.id, client]));
    const views = await viewsOf(deps, [...clients.values()]);
    yield csvLines(some.map((id) => clientCells(clients.get(id)!, views.get(id)!)));
  }
}

/** Which terms hold for whom: the timeline of the default tariff, and the clients with terms of their own. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { differingTerms, versionAt } from '../../../tariff/differences.ts';
import type { Tariff } from '../../../tariff/tariff.ts';
import { anyRole } from '../../auth.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { TimestampOut } from '../../fields.ts';
import { ID_KEY, pageAsk, pageFields, pageJson } from '../../paging.ts';
import type { Page, TariffRecord } from '../../port.ts';
import { problems } from '../../problem.ts';
import { VersionSchema } from './tariff-schemas.ts';
import { versionJson } from './tariffs.ts';

const MAX_VERSIONS = 1000;

const OwnTermsSchema = z
  .object({
    clientId: z.string(),
    name: z.string(),
    current: VersionSchema.nullable().openapi({
      description:
        'The version in force; null before the first. Its terms are null if the client follows the default.',
    }),
    scheduled: z
      .array(VersionSchema)
      .openapi({ description: 'Versions that start later, the next one first.' }),
    differs: z.array(z.string()).openapi({
      description: 'Terms of the version in force that differ from those of the default tariff.',
      example: ['price', 'basis'],
    }),
  })
  .openapi('OwnTerms');

export const TariffOverviewSchema = z
  .object({
    asOf: TimestampOut,
    default: z.object({
      current: VersionSchema.nullable(),
      versions: z.array(VersionSchema).openapi({ description: 'Not retired, in order of their start.' }),
    }),
    items: z.array(OwnTermsSchema).openapi({ description: 'Clients with versions of their own, by id.' }),
    next: z.string().nullable().openapi({ description: 'Cursor of the next page; null on the last.' }),
    total: z.int().openapi({ description: 'Clients with versions of their own.' }),
  })
  .openapi('TariffOverview');

type Deps = Pick<AdminDeps, 'store' | 'now'>;

export function tariffOverviewRoute(app: AdminApp, { store, now }: Deps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/tariffs/overview',
      operationId: 'getTariffOverview',
      summary: 'The timeline of the default tariff, and the clients with terms of their own',
      tags: ['tariffs'],
      ...anyRole(),
      request: {
        query: z.strictObject({
          ...pageFields(ID_KEY),
          differs: z
            .string()
            .regex(/^[a-zA-Z]{1,40}$/)
            .optional()
            .openapi({ description: 'List only clients whose terms in force differ in this term.' }),
        }),
      },
      responses: { ...json(200, 'The tariffs.', TariffOverviewSchema), ...problems() },
    }),
    async (c) => {
      const nowMs = now();
      const { differs, ...page } = c.req.valid('query');
      const all = await store.allTariffVersions();
      const general = versionAt(
        all.filter(({ clientId }) => clientId === null),
        nowMs,
      )?.tariff;
      const own = [...new Set(all.flatMap(({ clientId }) => clientId ?? []))].sort();
      const wanted = own.filter((id) => {
        if (differs === undefined) return true;
        const current = versionAt(
          all.filter(({ clientId }) => clientId === id),
          nowMs,
        )?.tariff;
        return differences(current, general).includes(differs);
      });
      const ids = pageOfIds(wanted, pageAsk(page));
      const versionsOf = async (clientId: string | null) => {
        const { items } = await store.tariffVersions(clientId, { limit: MAX_VERSIONS, after: null });
        return items.filter(({ retirement }) => retirement === null).toSorted(byStart);
      };
      const items = await Promise.all(
        ids.items.map(async (clientId) => ({
          clientId,
          name: (await store.client(clientId))?.name ?? clientId,
          versions: await versionsOf(clientId),
        })),
      );
      const ofDefault = await versionsOf(null);
      const body = {
        asOf: isoTimestamp(nowMs),
        default: {
          current: jsonOrNull(versionAt(ofDefault, nowMs)),
          versions: ofDefault.map(versionJson),
        },
        ...pageJson({ ...ids, items }, ({ versions, ...client }) => {
          const current = versionAt(versions, nowMs);
          const scheduled = versions.filter(({ validFromMs }) => validFromMs > nowMs).map(versionJson);
          return {
            ...client,
            current: jsonOrNull(current),
            scheduled,
            differs: differences(current?.tariff, general),
          };
        }),
        total: own.length,
      };
      return c.json(body, 200);
    },
  );
}

function differences(tariff: Tariff | null | undefined, general: Tariff | null | undefined): string[] {
  return tariff && general ? differingTerms(tariff, general) : [];
}

function byStart(a: TariffRecord, b: TariffRecord): number {
  return a.validFromMs - b.validFromMs || a.version - b.version;
}

function jsonOrNull(version: TariffRecord | undefined) {
  return version === undefined ? null : versionJson(version);
}

/** `ids` must be sorted. */
function pageOfIds(
  ids: readonly string[],
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Page<string> {
  const rest = after === null ? ids : ids.filter((id) => id > after);
  const items = rest.slice(0, limit);
  return { items, next: rest.length > limit ? items.at(-1)! : null };
}

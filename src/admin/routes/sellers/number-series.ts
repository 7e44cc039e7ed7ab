/** Routes of the number series of sellers. A series that has given a number can only be archived. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import { isSeriesPrefix, MAX_PREFIX_LENGTH } from '../../../seller/prefixes.ts';
import { anyRole, type Caller, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY, Reason, TimestampOut } from '../../fields.ts';
import { pageResponse } from '../../paging.ts';
import { fieldProblem, problems } from '../../problem.ts';
import type {
  NumberSeriesRecord,
  NumberSeriesRefusal,
  NumberSeriesResult,
} from '../../sellers/settings-port.ts';
import { activeSeller, existingSeller, unknownSeller } from './existing.ts';
import { ChosenId, sellerParams } from './seller-schemas.ts';

const tags = ['sellers'];
const path = '/v1/sellers/{sellerId}/series';
const params = sellerParams.extend({ series: ChosenId });

const Kind = z.enum(['invoice', 'supplement', 'credit_note']);

const fields = {
  kinds: z
    .array(Kind)
    .min(1)
    .refine((kinds) => new Set(kinds).size === kinds.length, {
      error: 'contains a kind twice',
      params: { hint: 'name each kind once' },
    }),
  prefix: z
    .string()
    .refine(isSeriesPrefix, {
      error: 'is not printable ASCII',
      params: { hint: `use at most ${MAX_PREFIX_LENGTH} letters, digits and signs, such as INV-` },
    })
    .openapi({ maxLength: MAX_PREFIX_LENGTH, example: 'INV-' }),
  width: z.int().min(0).max(12).openapi({
    description: 'Digits of the number, filled with zeros. 0: as many as it has.',
  }),
  isYearly: z
    .boolean()
    .openapi({ description: 'true: it starts at 1 in each calendar year (UTC), which its numbers name.' }),
};

const NewSeries = z
  .strictObject({
    series: ChosenId,
    kinds: fields.kinds,
    prefix: fields.prefix.default(''),
    width: fields.width.default(0),
    isYearly: fields.isYearly.default(false),
  })
  .openapi('NewNumberSeries');

const SeriesChange = z.strictObject(fields).openapi('NumberSeriesChange');
const SeriesReason = z.strictObject({ reason: Reason }).openapi('NumberSeriesReason');

export const NumberSeriesSchema = z
  .object({
    ...{ series: z.string(), sellerId: z.string(), kinds: z.array(Kind), prefix: z.string() },
    ...{ width: z.int(), isYearly: z.boolean() },
    isUsed: z.boolean().openapi({ description: 'true: it has given a number, and can only be archived.' }),
    ...{ createdAt: TimestampOut, archivedAt: TimestampOut.nullable() },
  })
  .openapi('NumberSeries');

export function numberSeriesRoutes(
  app: AdminApp,
  { sellers, now }: Pick<AdminDeps, 'sellers' | 'now'>,
): void {
  const who = ({ actor }: Caller) => ({ actor, atMs: now() });

  app.openapi(
    createRoute({
      method: 'get',
      path,
      operationId: 'listNumberSeries',
      summary: 'Number series of a seller, archived ones included',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params: sellerParams },
      responses: { ...pageResponse(NumberSeriesSchema, 'NumberSeriesPage'), ...problems(404) },
    }),
    async (c) => {
      const { sellerId } = c.req.valid('param');
      const found = existingSeller(await sellers.numberSeries(sellerId), sellerId);
      return c.json({ items: found.map(seriesJson), next: null }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path,
      operationId: 'addNumberSeries',
      summary: 'Add a number series; each kind of invoice has one in use',
      tags,
      ...requires('admin'),
      request: { query: NO_QUERY, params: sellerParams, body: jsonBody(NewSeries) },
      responses: { ...json(201, 'Added.', NumberSeriesSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { sellerId } = c.req.valid('param');
      await activeSeller(sellers, sellerId);
      const series = { ...c.req.valid('json'), sellerId };
      return c.json(storedJson(await sellers.addNumberSeries(series, who(c.get('caller'))), sellerId), 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'put',
      path: `${path}/{series}`,
      operationId: 'changeNumberSeries',
      summary: 'Change a series that has not given a number',
      tags,
      ...requires('admin'),
      request: { query: NO_QUERY, params, body: jsonBody(SeriesChange) },
      responses: { ...json(200, 'Changed.', NumberSeriesSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { sellerId, series } = c.req.valid('param');
      const changed = { ...c.req.valid('json'), sellerId, series };
      return c.json(
        storedJson(await sellers.changeNumberSeries(changed, who(c.get('caller'))), sellerId),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: `${path}/{series}/archive`,
      operationId: 'archiveNumberSeries',
      summary: 'Archive a series; without another, its kinds cannot be issued',
      tags,
      ...requires('admin'),
      request: { query: NO_QUERY, params, body: jsonBody(SeriesReason) },
      responses: { ...json(200, 'Archived.', NumberSeriesSchema), ...problems(404, 413, 415) },
    }),
    async (c) => {
      const { sellerId, series } = c.req.valid('param');
      const { reason } = c.req.valid('json');
      const archived = await sellers.archiveNumberSeries(sellerId, series, reason, who(c.get('caller')));
      return c.json(storedJson(archived, sellerId), 200);
    },
  );
}

function storedJson(result: NumberSeriesResult, sellerId: string) {
  if (result.kind === 'stored') return seriesJson(result.series);
  throw refusalProblem(result, sellerId);
}

function refusalProblem(refusal: NumberSeriesRefusal, sellerId: string) {
  switch (refusal.kind) {
    case 'unknown_seller':
      return unknownSeller(sellerId);
    case 'unknown_series':
      return fieldProblem(404, 'series', 'does not exist', "see the seller's series");
    case 'taken':
      return fieldProblem(409, 'series', 'is taken', 'choose another name', 'already_exists');
    case 'used':
      return fieldProblem(409, 'series', 'has given numbers', 'archive it and add another');
    case 'archived':
      return fieldProblem(409, 'series', 'is archived', 'add another');
    case 'kind_taken': {
      const reason = `contains ${refusal.of}, which the series ${refusal.by} numbers`;
      return fieldProblem(409, 'kinds', reason, 'archive that series first');
    }
    case 'prefix_taken': {
      const reason = `would give numbers that read like those of the series ${refusal.by}`;
      return fieldProblem(409, 'prefix', reason, 'choose a prefix with other letters');
    }
  }
}

function seriesJson({ createdAtMs, archivedAtMs, kinds, ...rest }: NumberSeriesRecord) {
  return {
    ...{ ...rest, kinds: [...kinds] },
    createdAt: isoTimestamp(createdAtMs),
    archivedAt: isoTimestampOrNull(archivedAtMs),
  };
}

/** Routes of sellers: the legal entities that claim. Issued documents keep what a seller was at their issue. */

import { createRoute, z } from '@hono/zod-openapi';
import { DAMAGES_RULE, DEFAULT_SETTINGS } from '../../../seller/defaults.ts';
import { DEFAULT_SELLER } from '../../../seller/model.ts';
import { partyFaults } from '../../../seller/party.ts';
import { X_FAMILY } from '../../../seller/x-clauses.ts';
import { anyRole, type Caller, requires } from '../../auth.ts';
import { definedOf, json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY } from '../../fields.ts';
import { ID_KEY, pageAsk, pageFields, pageJson, pageResponse } from '../../paging.ts';
import { faultsProblem, fieldProblem, problems } from '../../problem.ts';
import type { SellerRecord, SellerSettings } from '../../sellers/port.ts';
import type { ClauseStore } from '../../sellers/settings-port.ts';
import { demandActive, existingSeller, unknownSeller } from './existing.ts';
import {
  NewSeller,
  SellerArchival,
  SellerChange,
  SellerSchema,
  sellerJson,
  sellerParams,
} from './seller-schemas.ts';

const tags = ['sellers'];
const path = '/v1/sellers/{sellerId}';

type SellerDeps = Pick<AdminDeps, 'sellers' | 'now' | 'newId'>;

export function sellerRoutes(app: AdminApp, { sellers, now, newId }: SellerDeps): void {
  const who = (caller: Caller) => ({ actor: caller.actor, atMs: now() });

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sellers',
      operationId: 'listSellers',
      summary: 'Sellers by id, archived ones included',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(pageFields(ID_KEY)) },
      responses: { ...pageResponse(SellerSchema, 'SellerPage'), ...problems() },
    }),
    async (c) => c.json(pageJson(await sellers.sellers(pageAsk(c.req.valid('query'))), sellerJson), 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/sellers',
      operationId: 'createSeller',
      summary: 'Add a seller',
      description:
        'It starts with the tax rule that damages are outside VAT. It needs a series before it can issue.',
      tags,
      ...requires('admin'),
      request: { query: NO_QUERY, body: jsonBody(NewSeller) },
      responses: { ...json(201, 'Added.', SellerSchema), ...problems(409, 413, 415) },
    }),
    async (c) => {
      const { id, ...given } = c.req.valid('json');
      await demandFamily(sellers, given.clauseFamily);
      const settings = checked({ ...DEFAULT_SETTINGS, ...definedOf(given) });
      const taxRules = [{ ...DAMAGES_RULE, id: newId() }];
      const added = await sellers.createSeller({ id, settings, taxRules }, who(c.get('caller')));
      if (added === 'taken') {
        const hint = 'choose another id, or change that seller';
        throw fieldProblem(409, 'id', `is taken: seller ${id} already exists`, hint, 'already_exists');
      }
      return c.json(sellerJson(added), 201, { location: `/v1/sellers/${id}` });
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path,
      operationId: 'getSeller',
      summary: 'One seller',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params: sellerParams },
      responses: { ...json(200, 'The seller.', SellerSchema), ...problems(404) },
    }),
    async (c) => {
      const { sellerId } = c.req.valid('param');
      return c.json(sellerJson(existingSeller(await sellers.seller(sellerId), sellerId)), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'patch',
      path,
      operationId: 'changeSeller',
      summary: 'Change a seller; documents that are already issued keep what it was',
      tags,
      ...requires('admin'),
      request: { query: NO_QUERY, params: sellerParams, body: jsonBody(SellerChange) },
      responses: { ...json(200, 'The updated seller.', SellerSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { sellerId } = c.req.valid('param');
      const change = definedOf(c.req.valid('json'));
      await demandFamily(sellers, change.clauseFamily);
      const changed = await sellers.changeSeller(
        sellerId,
        (present) => checked({ ...settingsOf(demandActive(present)), ...change }),
        who(c.get('caller')),
      );
      return c.json(sellerJson(existingSeller(changed, sellerId)), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: `${path}/archive`,
      operationId: 'archiveSeller',
      summary: 'Archive a seller that no client names',
      tags,
      ...requires('admin'),
      request: { query: NO_QUERY, params: sellerParams, body: jsonBody(SellerArchival) },
      responses: { ...json(200, 'Archived.', SellerSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { sellerId } = c.req.valid('param');
      if (sellerId === DEFAULT_SELLER) {
        const hint = 'change its details instead; clients without a seller of their own need it';
        throw fieldProblem(409, 'sellerId', 'is the default seller, which cannot be archived', hint);
      }
      const { reason } = c.req.valid('json');
      const result = await sellers.archiveSeller(sellerId, reason, who(c.get('caller')));
      if (result.kind === 'unknown_seller') throw unknownSeller(sellerId);
      if (result.kind === 'in_use') {
        const hint = 'give those clients another seller first';
        const named = result.clients === 1 ? '1 client' : `${result.clients} clients`;
        throw fieldProblem(409, 'sellerId', `is the seller of ${named}`, hint);
      }
      return c.json(sellerJson(result.seller), 200);
    },
  );
}

async function demandFamily(store: ClauseStore, family: string | null | undefined): Promise<void> {
  if (family == null || family === X_FAMILY) return;
  const own = await store.ownClauses();
  if (own.some((clause) => clause.family === family)) return;
  const hint = 'use a family that /v1/clauses shows, or add a clause first';
  throw fieldProblem(400, 'clauseFamily', `has no clause: ${family}`, hint);
}

function checked(settings: SellerSettings): SellerSettings {
  const faults = partyFaults(settings);
  if (faults.length > 0) throw faultsProblem(faults);
  return settings;
}

function settingsOf(seller: SellerRecord): SellerSettings {
  const { id, logo, createdAtMs, updatedAtMs, archivedAtMs, ...settings } = seller;
  return settings;
}

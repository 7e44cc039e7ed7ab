/** Routes of the logo that a seller's documents show. */

import { createRoute, z } from '@hono/zod-openapi';
import { pngFault } from '../../../seller/logo.ts';
import { anyRole, type Caller, requires } from '../../auth.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY } from '../../fields.ts';
import { fieldProblem, HttpProblem, problems } from '../../problem.ts';
import type { SellerRecord } from '../../sellers/port.ts';
import { existingSeller } from './existing.ts';
import { SellerSchema, sellerJson, sellerParams } from './seller-schemas.ts';

const tags = ['sellers'];
const path = '/v1/sellers/{sellerId}/logo';
const TYPE = 'image/png';
const FILE = z.string().openapi({ format: 'binary' });

export function logoRoutes(app: AdminApp, { sellers, now }: Pick<AdminDeps, 'sellers' | 'now'>): void {
  const who = ({ actor }: Caller) => ({ actor, atMs: now() });

  app.openapi(
    createRoute({
      method: 'get',
      path,
      operationId: 'getSellerLogo',
      summary: 'The logo of a seller',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params: sellerParams },
      responses: {
        200: { description: 'The file.', content: { [TYPE]: { schema: FILE } } },
        ...problems(404),
      },
    }),
    async (c) => {
      const logo = await sellers.logo(c.req.valid('param').sellerId);
      if (logo === null) {
        throw fieldProblem(404, 'sellerId', 'does not exist or has no logo', 'see /v1/sellers');
      }
      return c.body(Uint8Array.from(logo.bytes), 200, { 'content-type': logo.type });
    },
  );

  app.openapi(
    createRoute({
      method: 'put',
      path,
      operationId: 'setSellerLogo',
      summary: 'Set the logo of a seller: a PNG without transparency, of at most 200,000 bytes',
      tags,
      ...requires('admin'),
      request: { query: NO_QUERY, params: sellerParams, body: { content: { [TYPE]: { schema: FILE } } } },
      responses: { ...json(200, 'Set.', SellerSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { sellerId } = c.req.valid('param');
      const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
      if (type !== TYPE) {
        throw new HttpProblem(415, `The body must be a PNG: send content-type: ${TYPE}. SVG is not drawn.`);
      }
      const bytes = new Uint8Array(await c.req.arrayBuffer());
      const fault = pngFault(bytes);
      if (fault !== null) throw fieldProblem(400, 'logo', fault.reason, fault.hint);
      const set = await sellers.setLogo(sellerId, { type: TYPE, bytes }, who(c.get('caller')));
      return c.json(sellerJson(changed(set, sellerId)), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path,
      operationId: 'removeSellerLogo',
      summary: 'Remove the logo of a seller; documents that are already issued keep theirs',
      tags,
      ...requires('admin'),
      request: { query: NO_QUERY, params: sellerParams },
      responses: { ...json(200, 'Removed.', SellerSchema), ...problems(404, 409) },
    }),
    async (c) => {
      const { sellerId } = c.req.valid('param');
      const removed = await sellers.setLogo(sellerId, null, who(c.get('caller')));
      return c.json(sellerJson(changed(removed, sellerId)), 200);
    },
  );
}

function changed(result: SellerRecord | 'archived' | null, sellerId: string): SellerRecord {
  const seller = existingSeller(result, sellerId);
  if (seller !== 'archived') return seller;
  throw fieldProblem(409, 'sellerId', 'is archived', 'use another seller, or add one');
}

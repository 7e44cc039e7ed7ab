/** Routes of billing holds and their release, and of traffic that was served unmetered. */

import { createRoute, z } from '@hono/zod-openapi';
import { BILLING_HOLD_CODES } from '../../meter/port.ts';
import { isoTimestamp, isoTimestampOrNull } from '../../report/timestamp.ts';
import { anyRole, type Caller, requires } from '../auth.ts';
import { json, jsonBody } from '../content.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { ClientId, NO_QUERY, Reason, RecordId, TimestampOut } from '../fields.ts';
import { ID_KEY, pageAsk, pageFields, pageJson, pageResponse, UUID_KEY } from '../paging.ts';
import type { Actor, BillingHoldRecord } from '../port.ts';
import { fieldProblem, problems } from '../problem.ts';
import { unknownClient } from './clients/clients.ts';

const BillingHoldSchema = z
  .object({
    id: z.string(),
    clientId: z.string().nullable().openapi({ description: 'null: all clients.' }),
    code: z.enum(BILLING_HOLD_CODES).openapi({
      description: 'operator: set by hand. Others: the kind of mismatch between the ledger and a journal.',
    }),
    reason: z.string(),
    heldAt: TimestampOut,
    heldBy: z.string(),
    releasedAt: TimestampOut.nullable(),
    releasedBy: z.string().nullable(),
    releaseReason: z.string().nullable(),
  })
  .openapi('BillingHold');

const GapSchema = z
  .object({
    journalId: z.string(),
    sequence: z.int().openapi({ description: 'Sequence number of the journal record that ended the gap.' }),
    from: TimestampOut,
    to: TimestampOut,
    responses: z.int(),
    posts: z
      .int()
      .openapi({ description: 'Posts that were counted but not journalled, and are never billed.' }),
  })
  .openapi('Gap');

export type BillingHoldJson = z.infer<typeof BillingHoldSchema>;
export type GapJson = z.infer<typeof GapSchema>;

const Why = z.strictObject({ reason: Reason }).openapi('Why');
const body = jsonBody(Why);
const tags = ['billing-holds'];

export function billingHoldRoutes(app: AdminApp, deps: Pick<AdminDeps, 'store' | 'now'>): void {
  const who = (caller: Caller): Actor => ({ actor: caller.actor, atMs: deps.now() });

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/billing-holds',
      operationId: 'listBillingHolds',
      summary: 'Billing holds with their reasons, newest first',
      tags,
      ...anyRole(),
      request: {
        query: z.strictObject({
          ...pageFields(UUID_KEY),
          client: ClientId.optional(),
          released: z
            .enum(['true', 'false'])
            .default('false')
            .openapi({ description: 'true: list released holds instead of those in force.' }),
        }),
      },
      responses: { ...pageResponse(BillingHoldSchema, 'BillingHoldPage'), ...problems() },
    }),
    async (c) => {
      const { client, released, ...page } = c.req.valid('query');
      const filter = { clientId: client, released: released === 'true' };
      return c.json(pageJson(await deps.store.billingHolds(filter, pageAsk(page)), billingHoldJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/billing-holds/{billingHoldId}/release',
      operationId: 'releaseBillingHold',
      summary: 'Release a billing hold; the next billing run computes what changed in the meantime',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, params: z.object({ billingHoldId: RecordId }), body },
      responses: { ...json(200, 'Released.', BillingHoldSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { reason } = c.req.valid('json');
      const released = await deps.store.releaseBillingHold(
        c.req.valid('param').billingHoldId,
        reason,
        who(c.get('caller')),
      );
      if (released === null)
        throw fieldProblem(404, 'billingHoldId', 'does not exist', 'see /v1/billing-holds');
      if (released === 'released') {
        throw fieldProblem(
          409,
          'billingHoldId',
          'has already been released',
          'see /v1/billing-holds?released=true',
          'already_released',
        );
      }
      return c.json(billingHoldJson(released), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/clients/{clientId}/hold',
      operationId: 'holdBilling',
      summary: 'Put the billing of a client on hold; metering continues',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, params: z.object({ clientId: ClientId }), body },
      responses: { ...json(201, 'On hold.', BillingHoldSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      const held = await deps.store.holdClient(clientId, c.req.valid('json').reason, who(c.get('caller')));
      if (held === 'unknown_client') throw unknownClient(clientId);
      if (held === null) {
        throw fieldProblem(
          409,
          'clientId',
          'is already on hold by an operator',
          `see /v1/billing-holds?client=${clientId}`,
          'already_exists',
        );
      }
      return c.json(billingHoldJson(held), 201);
    },
  );
}

export function gapRoutes(app: AdminApp, { store }: Pick<AdminDeps, 'store'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/gaps',
      operationId: 'listGaps',
      summary: 'Traffic that gateways served while their journals could not record it; it is never billed',
      tags: ['usage'],
      ...anyRole(),
      request: { query: z.strictObject(pageFields(ID_KEY)) },
      responses: { ...pageResponse(GapSchema, 'GapPage'), ...problems() },
    }),
    async (c) => {
      const page = await store.gaps(pageAsk(c.req.valid('query')));
      return c.json(
        pageJson(page, ({ fromMs, toMs, ...rest }) => ({
          ...rest,
          from: isoTimestamp(fromMs),
          to: isoTimestamp(toMs),
        })),
        200,
      );
    },
  );
}

function billingHoldJson({ heldAtMs, releasedAtMs, ...rest }: BillingHoldRecord) {
  return { ...rest, heldAt: isoTimestamp(heldAtMs), releasedAt: isoTimestampOrNull(releasedAtMs) };
}

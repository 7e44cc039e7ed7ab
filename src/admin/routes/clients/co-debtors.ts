/** Routes of co-debtors: one debt, for which several parties are liable. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import { partyFaults, UNKNOWN_PARTY } from '../../../seller/party.ts';
import { anyRole, type Caller, requires } from '../../auth.ts';
import { definedOf, json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { ClientId, lineOfText, NO_QUERY, Reason, RecordId, TimestampIn, TimestampOut } from '../../fields.ts';
import { pageAsk, pageFields, pageJson, pageResponse, UUID_KEY } from '../../paging.ts';
import { faultsProblem, fieldProblem, problems } from '../../problem.ts';
import type { CoDebtorRecord } from '../../sellers/co-debtor-port.ts';
import { partyFields, partyOut } from '../sellers/party-schemas.ts';
import { unknownClient } from './clients.ts';

const tags = ['clients'];
const path = '/v1/clients/{clientId}/co-debtors';
const params = z.object({ clientId: ClientId });

const NewCoDebtorBody = z
  .strictObject({
    ...partyFields,
    legalName: lineOfText(200),
    ground: lineOfText(300).openapi({ description: 'Why it is liable. Printed on the copies.' }),
    from: TimestampIn.optional().openapi({ description: 'From when it is liable. Default: now.' }),
    reason: Reason,
  })
  .openapi('NewCoDebtor');

const CoDebtorEnd = z
  .strictObject({
    to: TimestampIn.optional().openapi({ description: 'Until when it is liable. Default: now.' }),
    reason: Reason,
  })
  .openapi('CoDebtorEnd');

export const CoDebtorSchema = z
  .object({
    ...{ id: z.string(), clientId: z.string(), ...partyOut, ground: z.string() },
    ...{ from: TimestampOut, to: TimestampOut.nullable() },
    ...{ createdAt: TimestampOut, createdBy: z.string(), reason: z.string() },
  })
  .openapi('CoDebtor');

export function coDebtorRoutes(
  app: AdminApp,
  { sellers, now, newId }: Pick<AdminDeps, 'sellers' | 'now' | 'newId'>,
): void {
  const who = ({ actor }: Caller) => ({ actor, atMs: now() });

  app.openapi(
    createRoute({
      method: 'get',
      path,
      operationId: 'listCoDebtors',
      summary: 'Co-debtors of a client, oldest first, those that are no longer liable included',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(pageFields(UUID_KEY)), params },
      responses: { ...pageResponse(CoDebtorSchema, 'CoDebtorPage'), ...problems(404) },
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      const found = await sellers.coDebtors(clientId, pageAsk(c.req.valid('query')));
      if (found === null) throw unknownClient(clientId);
      return c.json(pageJson(found, coDebtorJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path,
      operationId: 'addCoDebtor',
      summary: 'Add a party that is liable for the same debts; later invoices have a copy for it',
      tags,
      ...requires('finance'),
      request: { query: NO_QUERY, params, body: jsonBody(NewCoDebtorBody) },
      responses: { ...json(201, 'Added.', CoDebtorSchema), ...problems(404, 413, 415) },
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      const { ground, from, reason, ...given } = c.req.valid('json');
      const party = { ...UNKNOWN_PARTY, ...definedOf(given) };
      const faults = partyFaults(party);
      if (faults.length > 0) throw faultsProblem(faults);
      const by = who(c.get('caller'));
      const coDebtor = { id: newId(), clientId, party, ground, fromMs: from ?? by.atMs };
      const added = await sellers.addCoDebtor(coDebtor, reason, by);
      if (added === null) throw unknownClient(clientId);
      return c.json(coDebtorJson(added), 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: `${path}/{coDebtorId}/end`,
      operationId: 'endCoDebtor',
      summary: 'End the liability of a co-debtor for later invoices',
      tags,
      ...requires('finance'),
      request: {
        query: NO_QUERY,
        params: params.extend({ coDebtorId: RecordId }),
        body: jsonBody(CoDebtorEnd),
      },
      responses: { ...json(200, 'Ended.', CoDebtorSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { clientId, coDebtorId } = c.req.valid('param');
      const { to, reason } = c.req.valid('json');
      const by = who(c.get('caller'));
      const ended = await sellers.endCoDebtor(clientId, coDebtorId, to ?? by.atMs, reason, by);
      if (ended === null) {
        throw fieldProblem(404, 'coDebtorId', 'does not exist', "see the client's co-debtors");
      }
      if (ended === 'ended') {
        throw fieldProblem(409, 'coDebtorId', 'has an end already', 'add it again if it is liable again');
      }
      if (ended === 'too_early') throw fieldProblem(400, 'to', 'precedes `from`', 'send a later time');
      return c.json(coDebtorJson(ended), 200);
    },
  );
}

function coDebtorJson({ party, fromMs, toMs, createdAtMs, ...rest }: CoDebtorRecord) {
  return {
    ...{ ...rest, ...party },
    ...{ from: isoTimestamp(fromMs), to: isoTimestampOrNull(toMs), createdAt: isoTimestamp(createdAtMs) },
  };
}

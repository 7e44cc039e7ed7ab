/** Routes of tariffs: the default tariff and those of clients. A change adds a version with a start, an actor and a reason. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { tariffToJson } from '../../../tariff/terms.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp } from '../../deps.ts';
import { ClientId, NO_QUERY, Reason, RecordId } from '../../fields.ts';
import { NUMBER_KEY, pageAsk, pageFields, pageJson, pageResponse } from '../../paging.ts';
import type { TariffRecord, TariffRetirement } from '../../port.ts';
import { problems } from '../../problem.ts';
import { existingClient } from '../clients/clients.ts';
import { addVersion, type TariffDeps, withdrawVersion } from './tariff-change.ts';
import { NewVersion, VersionSchema } from './tariff-schemas.ts';

const params = z.object({ clientId: ClientId });
const query = z.strictObject(pageFields(NUMBER_KEY));
const tags = ['tariffs'];
const page = pageResponse(VersionSchema, 'TariffVersionPage');
const body = jsonBody(NewVersion);
const added = { ...json(201, 'Added.', VersionSchema) };

export function tariffRoutes(app: AdminApp, deps: TariffDeps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/tariffs',
      operationId: 'listDefaultTariff',
      summary: 'Versions of the default tariff, newest first',
      tags,
      ...anyRole(),
      request: { query },
      responses: { ...page, ...problems() },
    }),
    async (c) => {
      const found = await deps.store.tariffVersions(null, pageAsk(c.req.valid('query')));
      return c.json(pageJson(found, versionJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/tariffs',
      operationId: 'changeDefaultTariff',
      summary: 'Add a version of the default tariff',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, body },
      responses: { ...added, ...problems(409, 413, 415) },
    }),
    async (c) => c.json(versionJson(await addVersion(deps, c.get('caller'), null, c.req.valid('json'))), 201),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/clients/{clientId}/tariffs',
      operationId: 'listClientTariff',
      summary: "Versions of a client's own tariff, newest first",
      tags,
      ...anyRole(),
      request: { params, query },
      responses: { ...page, ...problems(404) },
    }),
    async (c) => {
      const { id } = await existingClient(deps.store, c.req.valid('param').clientId);
      const found = await deps.store.tariffVersions(id, pageAsk(c.req.valid('query')));
      return c.json(pageJson(found, versionJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/clients/{clientId}/tariffs',
      operationId: 'changeClientTariff',
      summary: "Add a version of a client's own tariff",
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, params, body },
      responses: { ...added, ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      return c.json(versionJson(await addVersion(deps, c.get('caller'), clientId, c.req.valid('json'))), 201);
    },
  );
}

const withdrawal = z.strictObject({ reason: Reason });
const withdrawn = {
  ...json(200, 'Withdrawn.', VersionSchema),
};

export function tariffWithdrawalRoutes(app: AdminApp, deps: TariffDeps): void {
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/tariffs/{versionId}',
      operationId: 'withdrawDefaultTariff',
      summary: 'Withdraw a version of the default tariff before it takes effect; audited',
      tags,
      ...requires('operator'),
      request: { params: z.object({ versionId: RecordId }), query: withdrawal },
      responses: { ...withdrawn, ...problems(404, 409) },
    }),
    async (c) => {
      const { versionId } = c.req.valid('param');
      const { reason } = c.req.valid('query');
      return c.json(versionJson(await withdrawVersion(deps, c.get('caller'), null, versionId, reason)), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/clients/{clientId}/tariffs/{versionId}',
      operationId: 'withdrawClientTariff',
      summary: "Withdraw a version of a client's own tariff before it takes effect; audited",
      tags,
      ...requires('operator'),
      request: { params: params.extend({ versionId: RecordId }), query: withdrawal },
      responses: { ...withdrawn, ...problems(404, 409) },
    }),
    async (c) => {
      const { clientId, versionId } = c.req.valid('param');
      const { reason } = c.req.valid('query');
      const { id } = await existingClient(deps.store, clientId);
      return c.json(versionJson(await withdrawVersion(deps, c.get('caller'), id, versionId, reason)), 200);
    },
  );
}

export function versionJson(version: TariffRecord) {
  const { id, clientId, reason, createdBy, retirement } = version;
  return {
    id,
    clientId,
    version: version.version,
    validFrom: isoTimestamp(version.validFromMs),
    terms: version.tariff === null ? null : tariffToJson(version.tariff),
    reason,
    createdBy,
    createdAt: isoTimestamp(version.createdAtMs),
    retirement: retirement === null ? null : retirementJson(retirement),
  };
}

function retirementJson({ atMs, ...rest }: TariffRetirement) {
  return { at: isoTimestamp(atMs), ...rest };
}

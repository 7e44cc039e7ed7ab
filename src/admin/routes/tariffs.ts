/** Tariffs: the default one and those of clients. A change is a new version from a moment on, with who and why. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoMoment } from '../../report/moment.ts';
import { parseTariff, tariffTerms, tariffToJson } from '../../tariff/terms.ts';
import { type Caller, readers, requires } from '../auth.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { ClientId, MomentIn, MomentOut, Reason } from '../fields.ts';
import { NUMBER_KEY, pageAsk, pageFields, pageJson, pageSchema } from '../paging.ts';
import type { TariffRecord } from '../port.ts';
import { faultsProblem, fieldProblem, problems } from '../problem.ts';
import { existingClient, unknownClient } from './clients.ts';

type Deps = Pick<AdminDeps, 'store' | 'now' | 'newId' | 'bucketSeconds'>;

/** Read by `parseTariff`, which names each fault and fills in the defaults. */
const TermsIn = z
  .record(z.string(), z.unknown())
  .openapi({ description: 'As in TariffVersion; what is left out has the default.' });

const NewVersion = z
  .strictObject({
    terms: TermsIn.nullable().openapi({ description: 'null: the client follows the default tariff again.' }),
    validFrom: MomentIn.optional().openapi({
      description: 'From when on; put off to the start of the next bucket. Default: now.',
    }),
    reason: Reason,
    correction: z.boolean().default(false).openapi({
      description: 'Allows a moment in the past: what was billed since is computed anew.',
    }),
  })
  .openapi('NewTariffVersion');

const VersionSchema = z
  .object({
    id: z.string(),
    clientId: z.string().nullable().openapi({ description: 'null: the default tariff.' }),
    version: z.int(),
    validFrom: MomentOut,
    terms: tariffTerms.nullable(),
    reason: z.string(),
    createdBy: z.string(),
    createdAt: MomentOut,
  })
  .openapi('TariffVersion');

const params = z.object({ clientId: ClientId });
const query = z.strictObject(pageFields(NUMBER_KEY));
const tags = ['tariffs'];
const pageResponses = {
  200: {
    description: 'A page.',
    content: { 'application/json': { schema: pageSchema(VersionSchema, 'TariffVersionPage') } },
  },
};
const body = { required: true, content: { 'application/json': { schema: NewVersion } } };
const added = { 201: { description: 'Added.', content: { 'application/json': { schema: VersionSchema } } } };

export function tariffRoutes(app: AdminApp, deps: Deps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/tariffs',
      operationId: 'listDefaultTariff',
      summary: 'Versions of the default tariff, newest first',
      tags,
      ...readers(),
      request: { query },
      responses: { ...pageResponses, ...problems() },
    }),
    async (c) => {
      const page = await deps.store.tariffVersions(null, pageAsk(c.req.valid('query')));
      return c.json(pageJson(page, versionJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/tariffs',
      operationId: 'changeDefaultTariff',
      summary: 'A new version of the default tariff',
      tags,
      ...requires('operator'),
      request: { body },
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
      ...readers(),
      request: { params, query },
      responses: { ...pageResponses, ...problems(404) },
    }),
    async (c) => {
      const { id } = await existingClient(deps.store, c.req.valid('param').clientId);
      const page = await deps.store.tariffVersions(id, pageAsk(c.req.valid('query')));
      return c.json(pageJson(page, versionJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/clients/{clientId}/tariffs',
      operationId: 'changeClientTariff',
      summary: "A new version of a client's own tariff",
      tags,
      ...requires('operator'),
      request: { params, body },
      responses: { ...added, ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      return c.json(versionJson(await addVersion(deps, c.get('caller'), clientId, c.req.valid('json'))), 201);
    },
  );
}

async function addVersion(
  deps: Deps,
  caller: Caller,
  clientId: string | null,
  given: z.output<typeof NewVersion>,
): Promise<TariffRecord> {
  const nowMs = deps.now();
  const { reason } = given;
  const version = {
    id: deps.newId(),
    clientId,
    validFromMs: momentOf(given, nowMs, deps.bucketSeconds * 1000),
    tariff: termsOf(given.terms, clientId, deps.bucketSeconds),
    reason,
  };
  const result = await deps.store.addTariffVersion(version, { actor: caller.actor, atMs: nowMs });
  if (result.kind === 'unknown_client') throw unknownClient(clientId ?? '');
  if (result.kind === 'same_moment') {
    throw fieldProblem(
      409,
      'validFrom',
      `is the moment of version ${result.version}: ${isoMoment(version.validFromMs)}`,
      `choose another, at least ${deps.bucketSeconds} s apart`,
    );
  }
  return result.version;
}

function momentOf(given: z.output<typeof NewVersion>, nowMs: number, bucketMs: number): number {
  const wantedMs = given.validFrom ?? nowMs;
  if (wantedMs < nowMs && !given.correction) {
    throw fieldProblem(
      400,
      'validFrom',
      `lies in the past: it is ${isoMoment(nowMs)} here`,
      'choose a later moment, or set correction to true to have what was billed since computed anew',
    );
  }
  return Math.ceil(wantedMs / bucketMs) * bucketMs;
}

function termsOf(terms: Record<string, unknown> | null, clientId: string | null, bucketSeconds: number) {
  if (terms === null) {
    if (clientId !== null) return null;
    throw fieldProblem(
      400,
      'terms',
      'is null',
      'give the terms: the default tariff has no other to fall back on',
    );
  }
  const parsed = parseTariff(terms, bucketSeconds);
  if (parsed.ok) return parsed.tariff;
  throw faultsProblem(
    parsed.problems.map(({ field, ...why }) => ({
      field: field === '' ? 'terms' : `terms.${field}`,
      ...why,
    })),
  );
}

function versionJson(version: TariffRecord) {
  const { id, clientId, reason, createdBy } = version;
  return {
    id,
    clientId,
    version: version.version,
    validFrom: isoMoment(version.validFromMs),
    terms: version.tariff === null ? null : tariffTerms.parse(tariffToJson(version.tariff)),
    reason,
    createdBy,
    createdAt: isoMoment(version.createdAtMs),
  };
}

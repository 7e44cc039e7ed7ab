/** Routes of what-ifs: other terms tried on the usage of a time range. They change no breach and no invoice. */

import { createRoute, z } from '@hono/zod-openapi';
import { csvLines } from '../../../report/csv.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import { CSV_CONTENT, csvResponse, FORMAT_QUERY, wantsCsv } from '../../csv-response.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY, RecordId } from '../../fields.ts';
import { pageAsk, pageFields, pageJson, pageResponse, pageSchema, UUID_KEY } from '../../paging.ts';
import type { Actor } from '../../port.ts';
import { fieldProblem, HttpProblem, problems } from '../../problem.ts';
import { MAX_UNFINISHED_WHAT_IFS, type WhatIfRecord, type WhatIfStore } from '../../what-if-port.ts';
import { taskFrom } from './what-if-request.ts';
import { NewWhatIf, WhatIfClientSchema, WhatIfSchema, WhatIfSummarySchema } from './what-if-schemas.ts';
import {
  WHAT_IF_CSV_HEAD,
  whatIfClientView,
  whatIfCsvRows,
  whatIfSummary,
  whatIfView,
} from './what-if-view.ts';

const tags = ['what-ifs'];
const params = z.object({ whatIfId: RecordId });
/** The key of a page of clients: the peak and the client id. */
const CLIENT_KEY = /^\d{1,16} [a-zA-Z0-9:._/-]{1,128}$/;
const CSV_PAGE = 1000;

type Deps = Pick<AdminDeps, 'store' | 'whatIfs' | 'wakeWhatIfs' | 'now' | 'newId' | 'rules'>;

export function whatIfRoutes(app: AdminApp, deps: Deps): void {
  const { whatIfs, wakeWhatIfs, now } = deps;

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/what-ifs',
      operationId: 'startWhatIf',
      summary: 'Try other terms on the usage of a time range; audited',
      description:
        'The work is done in the background. Both sides are the billing rule over the usage within the range, as `postmeter rate` prints it. No breach and no invoice changes.',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, body: jsonBody(NewWhatIf) },
      responses: {
        ...json(202, 'Accepted. Its state is `waiting`.', WhatIfSchema),
        ...problems(404, 409, 413, 415),
      },
    }),
    async (c) => {
      const task = await taskFrom(deps, c.req.valid('json'));
      const record = await whatIfs.createWhatIf(task, { actor: c.get('caller').actor, atMs: now() });
      if (record === 'too_many') throw tooMany();
      wakeWhatIfs();
      return c.json(whatIfView(record), 202);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/what-ifs',
      operationId: 'listWhatIfs',
      summary: 'What-ifs, newest first',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(pageFields(UUID_KEY)) },
      responses: { ...pageResponse(WhatIfSummarySchema, 'WhatIfPage'), ...problems() },
    }),
    async (c) => {
      const page = await whatIfs.whatIfs(pageAsk(c.req.valid('query')));
      if (page.items.some(isUnfinished)) wakeWhatIfs();
      return c.json(pageJson(page, whatIfSummary), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/what-ifs/{whatIfId}',
      operationId: 'getWhatIf',
      summary: 'One what-if with its result so far',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The what-if.', WhatIfSchema), ...problems(404) },
    }),
    async (c) => {
      const record = await existing(whatIfs, c.req.valid('param').whatIfId);
      // The process that worked on it may be gone.
      if (isUnfinished(record)) wakeWhatIfs();
      return c.json(whatIfView(record), 200);
    },
  );

  whatIfClientsRoute(app, whatIfs);
  changeRoutes(app, deps);
}

function whatIfClientsRoute(app: AdminApp, whatIfs: WhatIfStore): void {
  const schema = pageSchema(WhatIfClientSchema, 'WhatIfClientPage');
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/what-ifs/{whatIfId}/clients',
      operationId: 'listWhatIfClients',
      summary: 'The compared clients of a what-if, the highest peak first',
      description: 'Clients that no tariff can concern are only counted. CSV contains all clients.',
      tags,
      ...anyRole(),
      request: { params, query: z.strictObject({ ...pageFields(CLIENT_KEY), ...FORMAT_QUERY }) },
      responses: {
        200: { description: 'A page.', content: { 'application/json': { schema }, ...CSV_CONTENT } },
        ...problems(404),
      },
    }),
    async (c) => {
      const query = c.req.valid('query');
      const { id } = await existing(whatIfs, c.req.valid('param').whatIfId);
      if (wantsCsv(c, query)) return csvResponse(`what-if-${id}`, csvParts(whatIfs, id), query);
      return c.json(pageJson(await whatIfs.whatIfClients(id, pageAsk(query)), whatIfClientView), 200);
    },
  );
}

function changeRoutes(app: AdminApp, { whatIfs, wakeWhatIfs, now }: Deps): void {
  const answers = { ...json(200, 'Its new state.', WhatIfSchema), ...problems(404, 409) };
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/what-ifs/{whatIfId}/cancel',
      operationId: 'cancelWhatIf',
      summary: 'Stop a what-if and keep its result so far; audited',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, params },
      responses: answers,
    }),
    async (c) => {
      const who: Actor = { actor: c.get('caller').actor, atMs: now() };
      const record = await whatIfs.cancelWhatIf(c.req.valid('param').whatIfId, who);
      if (record === null) throw unknownWhatIf();
      if (record === 'finished')
        throw fieldProblem(409, 'whatIfId', 'neither waits nor runs', 'read its result with GET');
      return c.json(whatIfView(record), 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/what-ifs/{whatIfId}/resume',
      operationId: 'resumeWhatIf',
      summary: 'Continue a cancelled or failed what-if after the clients that it has checked; audited',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, params },
      responses: answers,
    }),
    async (c) => {
      const who: Actor = { actor: c.get('caller').actor, atMs: now() };
      const record = await whatIfs.resumeWhatIf(c.req.valid('param').whatIfId, who);
      if (record === null) throw unknownWhatIf();
      if (record === 'too_many') throw tooMany();
      if (record === 'not_stopped')
        throw fieldProblem(409, 'whatIfId', 'is neither cancelled nor failed', 'start a new one');
      wakeWhatIfs();
      return c.json(whatIfView(record), 200);
    },
  );
}

async function existing(whatIfs: WhatIfStore, id: string): Promise<WhatIfRecord> {
  const record = await whatIfs.whatIf(id);
  if (record === null) throw unknownWhatIf();
  return record;
}

function isUnfinished({ state }: WhatIfRecord): boolean {
  return state === 'waiting' || state === 'running';
}

async function* csvParts(whatIfs: WhatIfStore, id: string): AsyncGenerator<string> {
  yield csvLines([WHAT_IF_CSV_HEAD]);
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<WhatIfStore['whatIfClients']>> = await whatIfs.whatIfClients(id, {
      limit: CSV_PAGE,
      after,
    });
    yield csvLines(page.items.flatMap(whatIfCsvRows));
    after = page.next;
  } while (after !== null);
}

function unknownWhatIf(): HttpProblem {
  return fieldProblem(404, 'whatIfId', 'names no what-if', 'see /v1/what-ifs');
}

function tooMany(): HttpProblem {
  return new HttpProblem(
    409,
    `${MAX_UNFINISHED_WHAT_IFS} what-ifs already wait and run: wait until one is done, or cancel one.`,
  );
}

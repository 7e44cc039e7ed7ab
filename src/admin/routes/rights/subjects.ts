/** Routes that read the registry of rights: its subjects with their history, and its sources. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import { anyRole } from '../../auth.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY, TimestampOut } from '../../fields.ts';
import { NUMBER_KEY, pageAsk, pageFields, pageJson, pageResponse } from '../../paging.ts';
import { fieldProblem, problems } from '../../problem.ts';
import {
  KindName,
  NameQuery,
  SettingSchema,
  StateName,
  SubjectSchema,
  settingJson,
  subjectJson,
} from './rights-schemas.ts';

const tags = ['rights'];
const params = z.object({
  subjectId: z
    .string()
    .regex(NUMBER_KEY)
    .openapi({ description: 'The id as /v1/rights/subjects shows it.', example: '17' }),
});

const SourceSchema = z
  .object({
    id: z.string(),
    createdAt: TimestampOut,
    settings: z.int().openapi({ description: 'Settings that the source has stated.' }),
    lastReceivedAt: TimestampOut.nullable(),
  })
  .openapi('RightsSource');
export const SourcesSchema = z.object({ items: z.array(SourceSchema) }).openapi('RightsSources');

export function rightsSubjectRoutes(app: AdminApp, { rights }: Pick<AdminDeps, 'rights'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/rights/subjects',
      operationId: 'listRightsSubjects',
      summary: 'Subjects of the registry of rights with their current states, oldest first',
      tags,
      ...anyRole(),
      request: {
        query: z.strictObject({
          ...pageFields(NUMBER_KEY),
          kind: KindName.optional(),
          scope: z.string().max(1_024).optional(),
          name: NameQuery.optional(),
          state: StateName.optional().openapi({
            description: 'List only subjects on which the state is on.',
          }),
        }),
      },
      responses: { ...pageResponse(SubjectSchema, 'RightsSubjectPage'), ...problems() },
    }),
    async (c) => {
      const { limit, cursor, ...filter } = c.req.valid('query');
      return c.json(pageJson(await rights.subjects(filter, pageAsk({ limit, cursor })), subjectJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/rights/subjects/{subjectId}',
      operationId: 'getRightsSubject',
      summary: 'One subject with its current states',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The subject.', SubjectSchema), ...problems(404) },
    }),
    async (c) => {
      const found = await rights.subject(Number(c.req.valid('param').subjectId));
      if (found === null) throw unknownSubject();
      return c.json(subjectJson(found), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/rights/subjects/{subjectId}/settings',
      operationId: 'listRightsSettings',
      summary: 'The history of a subject: its settings, newest first',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(pageFields(NUMBER_KEY)), params },
      responses: { ...pageResponse(SettingSchema, 'RightsSettingPage'), ...problems(404) },
    }),
    async (c) => {
      const subjectId = Number(c.req.valid('param').subjectId);
      if ((await rights.subject(subjectId)) === null) throw unknownSubject();
      return c.json(
        pageJson(await rights.settings(subjectId, pageAsk(c.req.valid('query'))), settingJson),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/rights/sources',
      operationId: 'listRightsSources',
      summary: 'The sources of settings',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY },
      responses: { ...json(200, 'The sources.', SourcesSchema), ...problems() },
    }),
    async (c) => {
      const items = (await rights.sources()).map(({ createdAtMs, lastReceivedAtMs, ...rest }) => ({
        ...rest,
        createdAt: isoTimestamp(createdAtMs),
        lastReceivedAt: isoTimestampOrNull(lastReceivedAtMs),
      }));
      return c.json({ items }, 200);
    },
  );
}

function unknownSubject() {
  return fieldProblem(404, 'subjectId', 'does not exist', 'see /v1/rights/subjects');
}

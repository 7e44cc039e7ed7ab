/** The route that writes settings to the registry of rights, as JSON or as lines of JSON. */

import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { readNdjson } from '../../../rights/intake/read-rows.ts';
import { settingRowSchema } from '../../../rights/intake/setting-row.ts';
import type { NewSetting } from '../../../rights/setting.ts';
import { requires } from '../../auth.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { Reason } from '../../fields.ts';
import { fieldProblem, HttpProblem, problems } from '../../problem.ts';
import { MAX_SETTINGS } from '../../rights/port.ts';
import { IdempotencyKey, SourceId, sourceQuery, WrittenSchema } from './rights-schemas.ts';
import { onceOf, settingsFrom, writtenOrThrow } from './rows.ts';

const NDJSON = 'application/x-ndjson';

export function rightsSettingRoutes(
  app: AdminApp,
  deps: Pick<AdminDeps, 'rights' | 'now' | 'secrets'>,
): void {
  const row = settingRowSchema(deps.now);
  const SettingsIn = z
    .strictObject({ source: SourceId, reason: Reason, settings: z.array(row).min(1).max(MAX_SETTINGS) })
    .openapi('NewSettings');

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/rights/settings',
      operationId: 'writeSettings',
      summary: `Store up to ${MAX_SETTINGS} settings, all or none; they hold in every process within a second`,
      description:
        'The body is one JSON object, or one setting per line (NDJSON) with `source` and `reason` in the query. A fault in one setting refuses the whole call.',
      tags: ['rights'],
      ...requires('rights'),
      request: {
        query: z.strictObject(sourceQuery),
        headers: IdempotencyKey,
        body: {
          content: {
            'application/json': { schema: SettingsIn },
            [NDJSON]: { schema: z.string().openapi({ description: 'One setting per line.' }) },
          },
        },
      },
      responses: { ...json(200, 'Stored.', WrittenSchema), ...problems(409, 413, 415) },
    }),
    async (c) => {
      const { source, reason, settings } = await given(c, c.req.valid('query'), c.req.valid('json'));
      const body = JSON.stringify({ source, reason, settings });
      const once = onceOf(c.req.valid('header')['idempotency-key'], body, deps.secrets);
      const written = await deps.rights.write(
        { settings, sourceId: source, reason, once },
        { actor: c.get('caller').actor, atMs: deps.now() },
      );
      return c.json(writtenOrThrow(written), 200);
    },
  );

  interface Given {
    readonly source: string;
    readonly reason: string;
    readonly settings: readonly NewSetting[];
  }

  async function given(
    c: Context,
    query: { source?: string | undefined; reason?: string | undefined },
    body: unknown,
  ): Promise<Given> {
    const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
    if (type === 'application/json') return body as z.output<typeof SettingsIn>;
    if (type !== NDJSON) {
      throw new HttpProblem(
        415,
        `Send content-type: application/json, or ${NDJSON} with one setting per line.`,
      );
    }
    const { source, reason } = query;
    if (source === undefined) throw missing('source');
    if (reason === undefined) throw missing('reason');
    const settings = await settingsFrom(readNdjson(await c.req.text(), row));
    if (settings.length > 0 && settings.length <= MAX_SETTINGS) return { source, reason, settings };
    throw fieldProblem(
      400,
      'body',
      `has ${settings.length} settings`,
      `send 1 to ${MAX_SETTINGS} lines in each call`,
    );
  }
}

function missing(field: string) {
  return fieldProblem(400, field, 'is missing', `add ?${field}= to the URL`);
}

/** The route that imports a file of settings. It can make the file the whole truth of its source. */

import { createRoute, z } from '@hono/zod-openapi';
import { ReplacementPlan } from '../../../rights/intake/import-plan.ts';
import { readCsv } from '../../../rights/intake/read-rows.ts';
import { settingRowSchema } from '../../../rights/intake/setting-row.ts';
import type { NewSetting } from '../../../rights/setting.ts';
import { requires } from '../../auth.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { Reason } from '../../fields.ts';
import { fieldProblem, HttpProblem, problems } from '../../problem.ts';
import { MAX_SETTINGS, type WrittenSettings } from '../../rights/port.ts';
import { SourceId, WrittenSchema } from './rights-schemas.ts';
import { settingsFrom, writtenOrThrow } from './rows.ts';

const query = z.strictObject({
  source: SourceId,
  reason: Reason,
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .openapi({ description: 'true: nothing is stored, and the response says what would be.' }),
  replaceSource: z.enum(['true', 'false']).default('false').openapi({
    description: 'true: the file is the whole truth of the source. What it lacks is withdrawn.',
  }),
  maxLift: z.coerce.number().min(0).max(100).default(5).openapi({
    description:
      'Percentage of the states switched on by the source that replaceSource may lift. An import that lifts more is refused.',
  }),
});

export const ImportSchema = z
  .object({
    ...WrittenSchema.shape,
    rows: z.int().openapi({ description: 'Rows of the file.' }),
    withdrawn: z.int().openapi({ description: 'Settings that withdraw what the file lacks.' }),
    lifted: z
      .int()
      .nullable()
      .openapi({ description: 'States that the source no longer switches on; null without replaceSource.' }),
    dryRun: z.boolean(),
  })
  .openapi('RightsImport');

export function rightsImportRoutes(app: AdminApp, deps: Pick<AdminDeps, 'rights' | 'now'>): void {
  const row = settingRowSchema(deps.now);

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/rights/imports',
      operationId: 'importSettings',
      summary: 'Import settings from a CSV file',
      description:
        'Columns: kind, scope, name, state, value, effective_at, ref; the last three are optional. Every row is checked before the first is stored. Rows are stored 10,000 at a time, and a repeated import continues one that was interrupted.',
      tags: ['rights'],
      ...requires('rights'),
      request: { query, body: { content: { 'text/csv': { schema: z.string() } } } },
      responses: { ...json(200, 'Imported.', ImportSchema), ...problems(409, 413, 415) },
    }),
    async (c) => {
      const { source, reason, maxLift, ...flags } = c.req.valid('query');
      const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
      if (type !== 'text/csv')
        throw new HttpProblem(415, 'The body must be CSV: send content-type: text/csv.');
      const file = await settingsFrom(readCsv(await c.req.text(), row));
      if (file.length === 0)
        throw fieldProblem(400, 'body', 'has no rows', 'send at least one row below the header');
      const plan = flags.replaceSource === 'true' ? await replacement(source, file) : null;
      if (plan !== null) demandFewLifts(plan, maxLift);
      const dryRun = flags.dryRun === 'true';
      const withdrawn = plan?.withdrawn ?? [];
      const who = { actor: c.get('caller').actor, atMs: deps.now() };
      const written = await inParts([...file, ...withdrawn], async (settings) => {
        const call = { settings, sourceId: source, reason, once: null };
        return dryRun ? deps.rights.preview(call, who) : writtenOrThrow(await deps.rights.write(call, who));
      });
      const lifted = plan?.lifted ?? null;
      return c.json({ ...written, rows: file.length, withdrawn: withdrawn.length, lifted, dryRun }, 200);
    },
  );

  async function replacement(source: string, file: readonly NewSetting[]): Promise<ReplacementPlan> {
    const plan = new ReplacementPlan(file);
    for await (const { subject, settings } of deps.rights.statements(source)) plan.add(subject, settings);
    return plan;
  }
}

function demandFewLifts({ on, lifted }: ReplacementPlan, maxLift: number): void {
  if (lifted * 100 <= maxLift * on) return;
  const percent = Math.ceil((lifted / on) * 100);
  throw fieldProblem(
    409,
    'replaceSource',
    `would lift ${lifted} of the ${on} states that the source has switched on, which is more than ${maxLift} %`,
    `check that the file is complete, or allow it with maxLift=${percent}`,
    'too_many_lifts',
  );
}

async function inParts(
  settings: readonly NewSetting[],
  write: (part: readonly NewSetting[]) => Promise<WrittenSettings>,
): Promise<WrittenSettings> {
  const sum = { stored: 0, repeated: 0, sequence: 0 };
  for (let from = 0; from < settings.length; from += MAX_SETTINGS) {
    const part = await write(settings.slice(from, from + MAX_SETTINGS));
    sum.stored += part.stored;
    sum.repeated += part.repeated;
    sum.sequence = part.sequence;
  }
  return sum;
}

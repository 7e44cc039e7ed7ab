/** The webhook by which the platform reports changes of rights. A signature replaces the token (Standard Webhooks). */

import { z } from '@hono/zod-openapi';
import { Webhook } from 'standardwebhooks';
import { RIGHTS_EVENT_TYPES, readPlatformEvent } from '../../../rights/intake/platform-event.ts';
import type { NewSetting } from '../../../rights/setting.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { faultsOf } from '../../field-error.ts';
import { faultsProblem, fieldProblem, HttpProblem, problems } from '../../problem.ts';
import { WrittenSchema } from './rights-schemas.ts';
import { onceOf, writtenOrThrow } from './rows.ts';

export const RIGHTS_EVENTS_PATH = '/rights/events';

const SOURCE_ID = 'webhook';
/** The name that the audit log records. */
const ACTOR = 'RIGHTS_WEBHOOK_SECRET';

const EventIn = z
  .looseObject({
    type: z.enum(RIGHTS_EVENT_TYPES as [string, ...string[]]),
    timestamp: z.iso.datetime({ offset: true }),
    data: z.looseObject({
      kind: z.enum(['post', 'path', 'author', 'blog']).optional(),
      scope: z.string().optional(),
      name: z.string(),
      states: z
        .record(z.string(), z.string())
        .optional()
        .openapi({ description: 'on, off or unset by state. Only for types whose states vary.' }),
    }),
  })
  .openapi('RightsEvent');

export function rightsEventRoute(
  app: AdminApp,
  deps: Pick<AdminDeps, 'rights' | 'rightsWebhookSecret' | 'now' | 'secrets'>,
): void {
  // The signature covers the bytes of the body, so it is checked before the body is parsed.
  app.post(RIGHTS_EVENTS_PATH, async (c) => {
    const body = await c.req.text();
    const id = verifiedId(deps.rightsWebhookSecret, c.req.header(), body);
    const settings = settingsIn(body, id, deps.now());
    const written = await deps.rights.write(
      {
        settings,
        sourceId: SOURCE_ID,
        reason: 'event of the platform',
        once: onceOf(id, body, deps.secrets),
      },
      { actor: ACTOR, atMs: deps.now() },
    );
    return c.json(writtenOrThrow(written), 200);
  });
  describeRoute(app);
}

/** Returns the id of the webhook. Throws a 401 without a valid signature, and a 404 if the webhook is off. */
function verifiedId(
  secret: string | undefined,
  headers: Readonly<Record<string, string>>,
  body: string,
): string {
  if (secret === undefined) {
    throw new HttpProblem(404, 'The webhook is off. Set RIGHTS_WEBHOOK_SECRET and restart.');
  }
  try {
    new Webhook(secret).verify(body, { ...headers }, { jsonParse: false });
  } catch {
    throw new HttpProblem(
      401,
      'The signature is missing, wrong, or not of the last five minutes. Sign "id.timestamp.body" as Standard Webhooks describes.',
      { code: 'signature_invalid', headers: { 'www-authenticate': 'StandardWebhooks' } },
    );
  }
  const id = headers['webhook-id']!;
  if (/^[\x21-\x7e]{1,200}$/.test(id)) return id;
  throw fieldProblem(400, 'webhook-id', 'is too long or not plain ASCII', 'send at most 200 characters');
}

function settingsIn(body: string, id: string, nowMs: number): readonly NewSetting[] {
  const reading = readPlatformEvent(parsedJson(body), id, nowMs);
  if (reading.kind === 'settings') return reading.settings;
  if (reading.kind === 'faults') throw faultsProblem(faultsOf(reading.issues, 'body'));
  throw fieldProblem(
    422,
    'type',
    'is missing or not a known type',
    `use one of ${RIGHTS_EVENT_TYPES.join(', ')}, or send a compliance object of X as it is`,
  );
}

function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw fieldProblem(400, 'body', 'is not well-formed JSON', 'send one JSON object', 'invalid_json');
  }
}

function describeRoute(app: AdminApp): void {
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: RIGHTS_EVENTS_PATH,
    operationId: 'receiveRightsEvent',
    summary: 'Webhook of the platform: changes of posts and authors, signed with RIGHTS_WEBHOOK_SECRET',
    description:
      'Needs no token. The headers webhook-id, webhook-timestamp and webhook-signature follow Standard Webhooks. The settings of the event belong to the source `webhook`. A repeat with the same webhook-id changes nothing. Compliance objects of X are read too. At most 256 KiB.',
    tags: ['rights'],
    security: [],
    request: { body: { required: true, content: { 'application/json': { schema: EventIn } } } },
    responses: {
      ...json(200, 'Stored, or the event concerns no state.', WrittenSchema),
      ...problems(404, 409, 413, 422),
    },
  });
}

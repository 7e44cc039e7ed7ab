/** Routes of notes: what people write about a client. Notes are added, never changed. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { anyRole, requires } from '../../auth.ts';
import type { NoteRecord } from '../../client-port.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { ClientId, linesOfText, NO_QUERY, TimestampOut } from '../../fields.ts';
import { pageAsk, pageFields, pageJson, pageResponse, UUID_KEY } from '../../paging.ts';
import { problems } from '../../problem.ts';
import { existingClient, unknownClient } from './clients.ts';

const MAX_NOTE_LENGTH = 2000;

const NoteSchema = z
  .object({
    id: z.string(),
    clientId: z.string(),
    at: TimestampOut,
    author: z.string(),
    text: z.string(),
  })
  .openapi('Note');
export type NoteJson = z.infer<typeof NoteSchema>;
const NewNote = z.strictObject({ text: linesOfText(MAX_NOTE_LENGTH) }).openapi('NewNote');

const path = '/v1/clients/{clientId}/notes';
const params = z.object({ clientId: ClientId });
const tags = ['clients'];

export function noteRoutes(app: AdminApp, deps: Pick<AdminDeps, 'store' | 'notes' | 'now' | 'newId'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path,
      operationId: 'listNotes',
      summary: 'Notes about a client, newest first',
      tags,
      ...anyRole(),
      request: { params, query: z.strictObject(pageFields(UUID_KEY)) },
      responses: { ...pageResponse(NoteSchema, 'NotePage'), ...problems(404) },
    }),
    async (c) => {
      const { id } = await existingClient(deps.store, c.req.valid('param').clientId);
      return c.json(pageJson(await deps.notes.notes(id, pageAsk(c.req.valid('query'))), noteJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path,
      operationId: 'addNote',
      summary: 'Add a note about a client; notes cannot be changed or deleted',
      tags,
      ...requires('operator', 'finance'),
      request: { params, query: NO_QUERY, body: jsonBody(NewNote) },
      responses: { ...json(201, 'Added.', NoteSchema), ...problems(404, 413, 415) },
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      const note = { id: deps.newId(), clientId, text: c.req.valid('json').text };
      const added = await deps.notes.addNote(note, { actor: c.get('caller').actor, atMs: deps.now() });
      if (added === null) throw unknownClient(clientId);
      return c.json(noteJson(added), 201);
    },
  );
}

function noteJson({ atMs, ...rest }: NoteRecord) {
  return { ...rest, at: isoTimestamp(atMs) };
}

/** Paged lists: the request has `?limit=1..1000&cursor=...`, the response `{"items": [...], "next": cursor or null}`. */

import { z } from '@hono/zod-openapi';
import type { Page, PageRequest } from './port.ts';

export const UUID_KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const NUMBER_KEY = /^\d{1,15}$/;
export const ID_KEY = /^[a-zA-Z0-9:._/-]{1,128}$/;

/** The query parameters of a list whose keys match `keyForm`. */
export function pageFields(keyForm: RegExp) {
  return {
    limit: z.coerce.number().int().min(1).max(1000).default(100).openapi({
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 100,
      description: 'Maximum number of items in the response.',
    }),
    cursor: z
      .string()
      .max(400)
      .refine((text) => keyForm.test(decoded(text) ?? ''), {
        error: 'is not a cursor of this list',
        params: { hint: 'use `next` of the previous page, or omit it for the first page' },
      })
      .optional()
      .openapi({ description: '`next` of the previous page.' }),
  };
}

/** The response of a list for the OpenAPI document. */
export function pageResponse<Item extends z.ZodType>(item: Item, name: string) {
  const content = { 'application/json': { schema: pageSchema(item, name) } };
  return { 200: { description: 'A page.', content } };
}

export function pageSchema<Item extends z.ZodType>(item: Item, name: string) {
  return z
    .object({
      items: z.array(item),
      next: z.string().nullable().openapi({ description: 'Cursor of the next page; null on the last.' }),
    })
    .openapi(name);
}

export function pageAsk(query: { limit: number; cursor?: string | undefined }): PageRequest {
  return { limit: query.limit, after: query.cursor === undefined ? null : decoded(query.cursor) };
}

/** Converts a page to its JSON form. */
export function pageJson<Item, Json>(page: Page<Item>, json: (item: Item) => Json) {
  return { items: page.items.map(json), next: page.next === null ? null : encoded(page.next) };
}

/** Encodes an ASCII key as base64url, so that callers treat the cursor as opaque. */
function encoded(key: string): string {
  return btoa(key).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function decoded(cursor: string): string | null {
  if (!/^[A-Za-z0-9_-]+$/.test(cursor) || cursor.length % 4 === 1) return null;
  return atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
}

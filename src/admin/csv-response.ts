/** CSV responses: selected by `?format=csv` or the Accept header, streamed as a file attachment. */

import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';

/** Spreadsheets recognise UTF-8 by this byte order mark. */
const BOM = '\uFEFF';

/** Query parameters of an operation that returns JSON or CSV. */
export const FORMAT_QUERY = {
  format: z
    .enum(['json', 'csv'])
    .optional()
    .openapi({ description: 'Default: the type that the Accept header prefers, otherwise JSON.' }),
  bom: z.enum(['0', '1']).optional().openapi({
    description:
      'Whether the CSV begins with a byte order mark, which spreadsheets need. Default: 1 with format=csv, 0 if the Accept header selects CSV.',
  }),
};

export type FormatQuery = {
  readonly format?: 'json' | 'csv' | undefined;
  readonly bom?: '0' | '1' | undefined;
};

/** The CSV response body for the OpenAPI document. */
export const CSV_CONTENT = { 'text/csv': { schema: z.string() } };

export function wantsCsv(c: Context, { format }: FormatQuery): boolean {
  if (format !== undefined) return format === 'csv';
  const types = ['application/json', 'text/csv'];
  return accepts(c, { header: 'Accept', supports: types, default: 'application/json' }) === 'text/csv';
}

/**
 * Streams `parts` as the file `name`.csv. Rejects if the first part fails. If a later part fails, the connection is
 * aborted, so an incomplete file is not mistaken for a complete one.
 */
export async function csvResponse(
  name: string,
  parts: AsyncIterator<string>,
  { format, bom }: FormatQuery,
): Promise<Response> {
  const first = await parts.next();
  const encoder = new TextEncoder();
  const hasMark = bom === undefined ? format === 'csv' : bom === '1';
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (hasMark) controller.enqueue(encoder.encode(BOM));
      if (!first.done) controller.enqueue(encoder.encode(first.value));
    },
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await parts.return?.();
    },
  });
  const file = `${name.replaceAll(/[^A-Za-z0-9._-]/g, '_')}.csv`;
  return new Response(body, {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${file}"`,
    },
  });
}

/** Answers as CSV: chosen by `?format=csv` or the accept header, sent as a file, page by page. */

import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';

/** For the OpenAPI document. */
export const CSV_CONTENT = { 'text/csv': { schema: z.string() } };

export function wantsCsv(c: Context, format: 'json' | 'csv' | undefined): boolean {
  if (format !== undefined) return format === 'csv';
  const types = ['application/json', 'text/csv'];
  return accepts(c, { header: 'Accept', supports: types, default: 'application/json' }) === 'text/csv';
}

/**
 * `name` without the ending. Throws where the first part fails; where a later one does the connection breaks off, so
 * that nobody takes a half for the whole.
 */
export async function csvResponse(name: string, parts: AsyncIterator<string>): Promise<Response> {
  const first = await parts.next();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
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

/** The response that has a document as a file. */

import type { Context } from 'hono';
import { mediaTypeOf } from '../../../document/kind.ts';
import type { DocumentFile } from '../../../document/port.ts';

/** The body for the OpenAPI document. */
export const FILE_CONTENT = {
  'application/pdf': { schema: { type: 'string', format: 'binary' } as const },
  'application/xml': { schema: { type: 'string' } as const },
};

/** 304 if the client has the file already. ETag is the SHA-256 of the file, so it never changes. */
export function fileResponse(
  c: Context,
  { bytes, fileName, format, sha256 }: Pick<DocumentFile, 'bytes' | 'fileName' | 'format' | 'sha256'>,
): Response {
  const etag = `"${sha256}"`;
  const known = c.req.header('if-none-match')?.split(',') ?? [];
  if (known.some((one) => one.trim() === etag)) return c.body(null, 304, { etag });
  return c.body(Uint8Array.from(bytes), 200, {
    'content-type': mediaTypeOf(format),
    'content-disposition': dispositionOf(fileName),
    etag,
  });
}

/** RFC 6266: an ASCII name for old clients, and the whole name in UTF-8. */
export function dispositionOf(fileName: string): string {
  const ascii = fileName.replaceAll(/[^\x20-\x7e]/g, '_').replaceAll(/["\\]/g, '_');
  const whole = encodeURIComponent(fileName).replaceAll(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16)}`,
  );
  return ascii === fileName
    ? `inline; filename="${ascii}"`
    : `inline; filename="${ascii}"; filename*=UTF-8''${whole}`;
}

/** Fields that several routes share, each refused with its reason and its mend. */

import { z } from '@hono/zod-openapi';
import { ID_KEY } from './paging.ts';
import { ROLES } from './port.ts';

/** One line of text: no control characters, no half characters (PostgreSQL's jsonb takes neither). */
export function lineOfText(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .refine((text) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text), {
      error: 'has control characters in it',
      params: { mend: 'send plain text on one line' },
    });
}

/** As `lineOfText`, on several lines. */
export function linesOfText(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text.replaceAll(/\r?\n/g, '')), {
      error: 'has control characters in it',
      params: { mend: 'send plain text; line breaks are allowed' },
    });
}

/** For an operation without query parameters: it refuses unknown ones, as all others do. */
export const NO_QUERY = z.strictObject({});

export const ClientId = z
  .string()
  .refine((text) => ID_KEY.test(text), {
    error: 'is no id of a client',
    params: { mend: 'use the id as /v1/clients shows it, percent-encoded in a path' },
  })
  .openapi({ example: 'acme' });

export const RecordId = z.uuid().openapi({ example: '01957a6e-0000-7000-8000-000000000000' });

/** A moment that comes in, to epoch milliseconds. Before 1970 there was nothing to meter. */
export const MomentIn = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .refine((atMs) => atMs >= 0 && atMs < Date.UTC(9999, 0), {
    error: 'lies outside the years 1970 to 9998',
    params: { mend: 'write the year with four digits, as in 2026-03-01T00:05:00Z' },
  })
  .openapi({ type: 'string', format: 'date-time', example: '2026-03-01T00:05:00Z' });

/** A moment that goes out. */
export const MomentOut = z.string().openapi({ format: 'date-time', example: '2026-03-01T00:05:00Z' });

/** An amount that goes out, in major units. */
export const AmountOut = z.string().openapi({ pattern: '^-?\\d+(\\.\\d+)?$', example: '15000.02' });

export const Reason = lineOfText(500).openapi({ description: 'Why: it stands in the audit log.' });

export const RoleName = z.enum(ROLES);

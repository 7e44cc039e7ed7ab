/** Request and response fields that several routes share. A field that fails has a reason and a hint. */

import { z } from '@hono/zod-openapi';
import { isCurrency } from '../tariff/money.ts';
import { ID_KEY } from './paging.ts';
import { ROLES } from './port.ts';

/** One line of text without control characters or lone surrogates, which PostgreSQL's jsonb refuses. */
export function lineOfText(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .refine((text) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text), {
      error: 'contains control characters',
      params: { hint: 'send plain text on one line' },
    });
}

/** Like `lineOfText`, with line breaks. */
export function linesOfText(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text.replaceAll(/\r?\n/g, '')), {
      error: 'contains control characters',
      params: { hint: 'send plain text; line breaks are allowed' },
    });
}

/** For an operation without query parameters. Unknown parameters are refused, as in every operation. */
export const NO_QUERY = z.strictObject({});

export const ClientId = z
  .string()
  .refine((text) => ID_KEY.test(text), {
    error: 'is not a valid client id',
    params: { hint: 'use the id as /v1/clients shows it, percent-encoded in a path' },
  })
  .openapi({ example: 'acme' });

export const RecordId = z.uuid().openapi({ example: '01957a6e-0000-7000-8000-000000000000' });

/** A timestamp in a request, parsed to epoch milliseconds. */
export const TimestampIn = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .refine((atMs) => atMs >= 0 && atMs < Date.UTC(9999, 0), {
    error: 'is outside the years 1970 to 9998',
    params: { hint: 'write the year with four digits, for example 2026-03-01T00:05:00Z' },
  })
  .openapi({ type: 'string', format: 'date-time', example: '2026-03-01T00:05:00Z' });

/** A timestamp in a response. */
export const TimestampOut = z.string().openapi({ format: 'date-time', example: '2026-03-01T00:05:00Z' });

/** A UTC date in a request. */
export const DateIn = z.iso
  .date()
  .refine((text) => text >= '1970-01-01', {
    error: 'is before 1970',
    params: { hint: 'write it as 2026-03-01' },
  })
  .openapi({ type: 'string', format: 'date', example: '2026-03-01' });

/** A UTC date in a response. */
export const DateOut = z.string().openapi({ format: 'date', example: '2026-03-01' });

/** A positive amount in a request, in major units. Its currency decides how many decimal places it may have. */
export const AmountIn = z.string().min(1).max(40).openapi({ example: '15000.02' });

/** An amount in a response, in major units. */
export const AmountOut = z.string().openapi({ pattern: '^-?\\d+(\\.\\d+)?$', example: '15000.02' });

export const CurrencyCode = z
  .string()
  .refine(isCurrency, {
    error: 'is not an ISO 4217 currency code',
    params: { hint: 'use a code of three capital letters, such as USD' },
  })
  .openapi({ example: 'USD' });

export const EmailAddress = z
  .string()
  .max(254)
  .refine((text) => /^[^\s@\p{Cc}\p{Cs}]{1,64}@[^\s@.\p{Cc}\p{Cs}]+(\.[^\s@.\p{Cc}\p{Cs}]+)+$/u.test(text), {
    error: 'is not an e-mail address',
    params: { hint: 'use the form billing@example.com' },
  })
  .openapi({ format: 'email' });

export const Reason = lineOfText(500).openapi({ description: 'The reason, recorded in the audit log.' });

/** A request that asks for the effect of an action without taking it. */
export const DryRun = z
  .boolean()
  .default(false)
  .openapi({ description: 'true: returns what would change, and writes nothing.' });

export const RoleName = z.enum(ROLES);

/** Every error of the admin API is a problem document (RFC 9457). None of them exposes internals. */

import { z } from '@hono/zod-openapi';
import type { Context, ErrorHandler, NotFoundHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { withoutSqlParameters } from '../report/redaction.ts';
import type { FieldError } from '../tariff/terms.ts';
import type { AdminLog } from './port.ts';
import { CODE_OF_STATUS, PROBLEM_CODES, type ProblemCode } from './problem-code.ts';

export const FaultSchema = z.object({
  field: z.string(),
  pointer: z.string().optional().openapi({
    description: 'JSON Pointer (RFC 6901) to the field in the body; absent for parameters.',
    example: '/terms/price',
  }),
  reason: z.string(),
  hint: z.string().openapi({ description: 'How to fix it.' }),
});

const CODES = Object.keys(PROBLEM_CODES) as [ProblemCode, ...ProblemCode[]];
const CODE_TABLE = Object.entries(PROBLEM_CODES).map(([code, meaning]) => `- \`${code}\`: ${meaning}`);

const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(CODES).openapi({
      description: `Codes are stable; new ones may be added.\n\n${CODE_TABLE.join('\n')}`,
    }),
    detail: z.string(),
    errors: z.array(FaultSchema).optional(),
    incident: z.string().optional().openapi({ description: 'The log has the details under this id.' }),
  })
  .openapi('Problem');

/** The body of an error response. */
export type ProblemJson = z.infer<typeof ProblemSchema>;

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  409: 'Conflict',
  413: 'Content too large',
  415: 'Unsupported media type',
  422: 'Unprocessable content',
  429: 'Too many requests',
  500: 'Internal error',
  501: 'Not implemented',
  502: 'Bad gateway',
  503: 'Service unavailable',
};

export interface ProblemExtras {
  /** Default: the code of the status. */
  readonly code?: ProblemCode;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly incident?: string;
}

/** The message for an unreachable ledger in readiness, the API and the commands. */
export const LEDGER_AWAY =
  'The ledger is unreachable. Traffic is still served and usage is kept. Try again soon.';
const RETRY_AFTER_S = 5;

/** An error response. Routes throw it and `sendError` writes it. */
export class HttpProblem extends Error {
  override readonly name = 'Problem';
  readonly status: ContentfulStatusCode;
  readonly extras: ProblemExtras;

  constructor(status: ContentfulStatusCode, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.status = status;
    this.extras = extras;
  }
}

/**
 * A problem with one field of a request, or with the record that the field identifies.
 * @param code default: the code of the status.
 */
export function fieldProblem(
  status: 400 | 403 | 404 | 409 | 422,
  field: string,
  reason: string,
  hint: string,
  code?: ProblemCode,
): HttpProblem {
  return new HttpProblem(status, `${field} ${reason}: ${hint}`, {
    errors: [{ field, reason, hint }],
    ...(code === undefined ? {} : { code }),
  });
}

export function faultsProblem(faults: readonly FieldError[]): HttpProblem {
  const detail = faults.map(({ field, reason, hint }) => `${field} ${reason}: ${hint}`).join('; ');
  return new HttpProblem(400, detail, { errors: faults });
}

/** The error responses of a route for the OpenAPI document: those of every route, plus `statuses`. */
export function problems<const Status extends number>(...statuses: Status[]) {
  return Object.fromEntries(
    [400, 401, 403, 406, 429, 500, 503, ...statuses].map((status) => [
      status,
      {
        description: TITLES[status] ?? 'Problem',
        content: { 'application/problem+json': { schema: ProblemSchema } },
      },
    ]),
  );
}

export function httpProblemResponse(c: Context, problem: HttpProblem): Response {
  const { status, extras, message } = problem;
  const body = {
    type: 'about:blank',
    title: TITLES[status] ?? 'Problem',
    status,
    code: extras.code ?? CODE_OF_STATUS[status] ?? 'internal_error',
    detail: message,
    errors: extras.errors?.map((fault) => withPointer(c, fault)),
    incident: extras.incident,
  };
  return c.body(JSON.stringify(body), status, {
    ...extras.headers,
    'content-type': 'application/problem+json',
  });
}

/** Adds a JSON Pointer to a fault in the body. A fault in a path parameter has none. */
function withPointer(c: Context, fault: FieldError): FieldError & { readonly pointer?: string } {
  const isInBody =
    c.req.header('content-type')?.startsWith('application/json') === true && c.req.method !== 'GET';
  const steps = fault.field === 'body' ? [] : fault.field.split('.');
  if (!isInBody || (steps[0] ?? '') in c.req.param()) return fault;
  const { field, ...rest } = fault;
  const pointer = steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return { field, pointer, ...rest };
}

export const sendNotFound: NotFoundHandler = (c) =>
  httpProblemResponse(
    c,
    new HttpProblem(404, 'Not found. See /v1/openapi.json for the available endpoints.'),
  );

/** Unexpected errors are logged in full under an id; the caller receives only the id. */
export function sendError(
  log: AdminLog,
  newId: () => string,
  isLedgerAway: (error: unknown) => boolean,
): ErrorHandler {
  return (error, c) => {
    if (error instanceof HttpProblem) return httpProblemResponse(c, error);
    if (error instanceof HTTPException) return httpProblemResponse(c, ofHono(error));
    if (isLedgerAway(error)) {
      log.warn({ err: error, method: c.req.method, path: c.req.path }, 'the ledger is unreachable');
      const headers = { 'retry-after': String(RETRY_AFTER_S) };
      return httpProblemResponse(
        c,
        new HttpProblem(503, LEDGER_AWAY, { code: 'ledger_unavailable', headers }),
      );
    }
    const incident = newId();
    log.error(
      {
        err: error,
        stack: withoutSqlParameters(error.stack ?? ''),
        incident,
        method: c.req.method,
        path: c.req.path,
      },
      'unexpected error in the admin API',
    );
    return httpProblemResponse(
      c,
      new HttpProblem(500, `The request failed unexpectedly. The log has the details under ${incident}.`, {
        incident,
      }),
    );
  };
}

/** Errors that Hono raises itself: malformed JSON (400), or another media type (415). */
function ofHono(error: HTTPException): HttpProblem {
  if (error.status === 400)
    return fieldProblem(400, 'body', 'is not well-formed JSON', 'send one JSON object', 'invalid_json');
  if (error.status === 415)
    return new HttpProblem(415, 'The body must be JSON: send content-type: application/json.');
  return new HttpProblem(
    error.status as ContentfulStatusCode,
    error.message || (TITLES[error.status] ?? 'Problem'),
  );
}

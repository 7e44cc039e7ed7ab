/** Bodies of requests and responses. */

import type { z } from '@hono/zod-openapi';

/** The body of a request. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } };
}

/** The successful response of an operation. */
export function json<Status extends 200 | 201 | 202, Schema extends z.ZodType>(
  status: Status,
  description: string,
  schema: Schema,
) {
  const response = { description, content: { 'application/json': { schema } } };
  return { [status]: response } as { [S in Status]: typeof response };
}

/** Returns the fields that are not undefined: in a change, the others keep their values. */
export function definedOf<T extends object>(fields: T) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

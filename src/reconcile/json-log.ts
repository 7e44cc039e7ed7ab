/** Lines of JSON, one object each, whose fields are named by the operator: `posts`, or `response.posts`. */

import { type ParseLine, readLine } from './log-line.ts';

/** Names of fields; with a dot in it, a path through objects unless a field has that very name. */
export interface JsonFields {
  readonly time: string;
  readonly client: string;
  readonly address: string;
  readonly posts: string;
  readonly status: string;
  readonly bytes: string;
  readonly method: string;
}

export const DEFAULT_JSON_FIELDS: JsonFields = {
  time: 'time',
  client: 'client',
  address: 'address',
  posts: 'posts',
  status: 'status',
  bytes: 'bytes',
  method: 'method',
};

export function jsonLogParser(fields: JsonFields): ParseLine {
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return { ok: false, reason: 'the line is not JSON' };
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return { ok: false, reason: 'the line is no JSON object' };
    }
    return readLine({
      time: fieldOf(value, fields.time),
      client: fieldOf(value, fields.client),
      address: fieldOf(value, fields.address),
      posts: fieldOf(value, fields.posts),
      status: fieldOf(value, fields.status),
      bytes: fieldOf(value, fields.bytes),
      method: fieldOf(value, fields.method),
    });
  };
}

/** Own fields only: `constructor` of an object is nobody's post count. */
function fieldOf(value: object, path: string): unknown {
  if (Object.hasOwn(value, path)) return (value as Record<string, unknown>)[path];
  let at: unknown = value;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

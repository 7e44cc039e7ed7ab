/** Parses log lines of one JSON object each, whose fields the operator names: `posts`, or `response.posts`. */

import { type ParseLine, readLine } from './log-line.ts';

/** Names of fields. A name with a dot is a path through objects unless a field has that exact name. */
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
      return { ok: false, reason: 'the line is not a JSON object' };
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

/** Reads own fields only, because `constructor` of an object is not a post count. */
function fieldOf(value: object, path: string): unknown {
  if (Object.hasOwn(value, path)) return (value as Record<string, unknown>)[path];
  let at: unknown = value;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

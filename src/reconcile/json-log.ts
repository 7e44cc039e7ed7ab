/** Parses log lines of one JSON object each, whose fields the operator names: `posts`, or `response.posts`. */

import { LOG_FIELDS, type LogField, type ParseLine, readLine } from './log-line.ts';

/** Names of fields. A name with a dot is a path through objects unless a field has that exact name. */
export type JsonFields = Readonly<Record<LogField, string>>;

/** Looks up the name of each field. */
export function jsonFields(nameOf: (field: LogField) => string): JsonFields {
  return Object.fromEntries(LOG_FIELDS.map((field) => [field, nameOf(field)])) as JsonFields;
}

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
    return readLine((field) => fieldOf(value, fields[field]));
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

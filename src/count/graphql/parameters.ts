/**
 * The parameters of a GraphQL request, in JSON, a form or a query string (GraphQL over HTTP, section 5). The names of
 * persisted queries are those of Apollo, Relay, WPGraphQL and the working group's draft.
 */

import { parsedJson } from '../json/parsed-json.ts';
import { parameterName } from '../route/query.ts';
import type { Variables } from './operations.ts';

export interface GraphqlParameters {
  /** The document itself. */
  readonly query: string | null;
  readonly operationName: string | null;
  readonly variables: Variables;
  /** All names of persisted queries in the request. */
  readonly ids: readonly string[];
  /** The document's hash, in lower case. */
  readonly sha256: string | null;
}

const ID_NAMES = ['id', 'documentId', 'doc_id', 'queryId'];
const NAMES = ['query', 'operationName', 'variables', 'extensions', ...ID_NAMES];
const ANY_CASE = new Set(NAMES.map((name) => name.toLowerCase()));

/** Values by name, not yet validated. */
type Fields = Readonly<Record<string, unknown>>;

/** Reads a JSON object; null if it is not a GraphQL request. */
export function readFields(fields: unknown): GraphqlParameters | null {
  if (!isFields(fields)) return null;
  // Some servers accept a name in any letter case and use one of two, so it is unknown which document they execute.
  const names = Object.keys(fields).filter((name) => ANY_CASE.has(name.toLowerCase()));
  if (!names.every((name) => NAMES.includes(name))) return null;
  const query = textIn(fields, 'query');
  const operationName = textIn(fields, 'operationName');
  const variables = fieldsIn(fields, 'variables');
  const extensions = fieldsIn(fields, 'extensions');
  const ids = ID_NAMES.map((name) => textIn(fields, name));
  if (query === undefined || operationName === undefined || variables === null || extensions === null)
    return null;
  const persisted = fieldsIn(extensions, 'persistedQuery');
  const sha256 = persisted === null ? undefined : textIn(persisted, 'sha256Hash');
  if (sha256 === undefined) return null;
  return {
    query,
    operationName,
    variables,
    ids: ids.filter((id) => typeof id === 'string'),
    sha256: sha256?.toLowerCase() ?? null,
  };
}

/**
 * Reads a query string or form; null if a name occurs twice or in a form that only some servers read, or if a value
 * that should be JSON is not.
 */
export function readQuery(query: string): GraphqlParameters | null {
  const given = [...new URLSearchParams(query)].filter(([name]) =>
    ANY_CASE.has(parameterName(name).toLowerCase()),
  );
  if (!given.every(([name]) => NAMES.includes(name))) return null;
  const fields = Object.fromEntries(given);
  return Object.keys(fields).length === given.length ? readFields(fields) : null;
}

/** Merges the parameters of query string and body; null if they differ, because servers disagree about precedence. */
export function together(first: GraphqlParameters, second: GraphqlParameters): GraphqlParameters | null {
  const query = oneOf(first.query, second.query);
  const operationName = oneOf(first.operationName, second.operationName);
  const sha256 = oneOf(first.sha256, second.sha256);
  const hasBothVariables = [first, second].every(({ variables }) => Object.keys(variables).length > 0);
  if (query === undefined || operationName === undefined || sha256 === undefined || hasBothVariables)
    return null;
  const variables = { ...first.variables, ...second.variables };
  return { query, operationName, sha256, variables, ids: [...first.ids, ...second.ids] };
}

function oneOf(first: string | null, second: string | null): string | null | undefined {
  if (first === null || second === null) return first ?? second;
  return first === second ? first : undefined;
}

/** Null if it is absent; undefined if it is not a text. */
function textIn(fields: Fields, name: string): string | null | undefined {
  const value = fields[name];
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'number' && name !== 'query') return String(value);
  return typeof value === 'string' ? value : undefined;
}

/** Empty if it is absent; null if it is not an object. In a query string it is JSON text. */
function fieldsIn(fields: Fields, name: string): Fields | null {
  const value = fields[name];
  if (value === undefined || value === null || value === '') return {};
  const read = typeof value === 'string' ? readJson(value) : value;
  return isFields(read) ? read : null;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Undefined if the text is not JSON, or if a name occurs twice in one object: servers use either the first or the
 * last.
 */
export function readJson(text: string): unknown {
  const value = parsedJson(text);
  return value !== undefined && membersIn(text) === membersOf(value) ? value : undefined;
}

/** Outside of strings, each member has one colon. */
function membersIn(json: string): number {
  return json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"/g, '').split(':').length - 1;
}

/** Iterative, because thousands of nested brackets would overflow the stack. */
function membersOf(value: unknown): number {
  let members = 0;
  const open = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (typeof one !== 'object' || one === null) continue;
    const inside: unknown[] = Object.values(one);
    if (!Array.isArray(one)) members += inside.length;
    for (const each of inside) open.push(each);
  }
  return members;
}

/**
 * A GraphQL request as a multipart form: the field `operations` as JSON, followed by the files that it refers to
 * (GraphQL multipart request specification), or the parameters as fields.
 */

import type { MultipartForm } from '../request-body/multipart-form.ts';
import { type GraphqlParameters, readFields } from './parameters.ts';
import { beside, operationsInJson, type RequestedOperations, UNREAD } from './requested-operations.ts';

const OPERATIONS = 'operations';

/** True if only files follow, so the operations of the request are known. */
export function hasOperations({ fault, parameters }: MultipartForm): boolean {
  return fault === null && parameters.some(({ name }) => name === OPERATIONS);
}

/** @param isWhole whether the body has ended. */
export function operationsInForm(
  { fault, isClosed, parameters }: MultipartForm,
  isWhole: boolean,
  byQuery: GraphqlParameters,
): RequestedOperations {
  if (fault !== null || (isWhole && !isClosed)) return UNREAD;
  const fields = new Map(parameters.map(({ name, value }) => [name, textOf(value)]));
  if (fields.size < parameters.length) return UNREAD;
  const operations = fields.get(OPERATIONS);
  if (operations === undefined) return beside(byQuery, readFields(Object.fromEntries(fields)));
  return ['query', 'variables', 'operationName'].some((name) => fields.has(name))
    ? UNREAD
    : operationsInJson(operations, byQuery);
}

/** A form has one character for each byte, and its percent signs are escaped. */
function textOf(value: string): string {
  const bytes = Uint8Array.from(value.replaceAll('%25', '%'), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

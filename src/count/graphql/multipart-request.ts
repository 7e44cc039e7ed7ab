/**
 * A GraphQL request as a multipart form: the field `operations` as JSON, followed by the files that it refers to
 * (GraphQL multipart request specification), or the parameters as fields.
 */

import { MultipartForm } from '../request-body/multipart-form.ts';
import { type GraphqlParameters, readFields, together } from './parameters.ts';
import { operationsInJson, type RequestedOperations, single, UNREAD } from './requested-operations.ts';

const OPERATIONS = 'operations';

export class MultipartRequest {
  readonly #form: MultipartForm;
  #isWhole = false;

  /** @param maxBytes of the fields; files may be longer. */
  constructor(boundary: string, maxBytes: number) {
    this.#form = new MultipartForm(boundary, maxBytes);
  }

  write(chunk: Uint8Array): void {
    this.#form.write(chunk);
  }

  end(): void {
    this.#isWhole = true;
  }

  /** True if only files follow, so the operations of the request are known. */
  get isRead(): boolean {
    return this.#form.fault === null && this.#form.parameters.some(({ name }) => name === OPERATIONS);
  }

  asked(byQuery: GraphqlParameters): RequestedOperations {
    const { fault, isClosed, parameters } = this.#form;
    if (fault !== null || (this.#isWhole && !isClosed)) return UNREAD;
    const fields = new Map(parameters.map(({ name, value }) => [name, textOf(value)]));
    if (fields.size < parameters.length) return UNREAD;
    const operations = fields.get(OPERATIONS);
    if (operations !== undefined) {
      return ['query', 'variables', 'operationName'].some((name) => fields.has(name))
        ? UNREAD
        : operationsInJson(operations, byQuery);
    }
    const read = readFields(Object.fromEntries(fields));
    return single(read && together(byQuery, read));
  }
}

/** A form has one character for each byte, and its percent signs are escaped. */
function textOf(value: string): string {
  const bytes = Uint8Array.from(value.replaceAll('%25', '%'), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

/**
 * Selects the rules of a request by path, method and query, and by a form if rules depend on it. A client cannot
 * evade a rule with a second value, another method name or a body that we do not read.
 */

import { formKindOf } from '../../count/request-body/form-head.ts';
import { formReader } from '../../count/request-body/form-reader.ts';
import type {
  RequestLimits,
  RequestReader,
  RequestRefusal,
} from '../../count/request-body/request-reader.ts';
import { candidatesFor, rulesFor } from '../../count/route/match.ts';
import { decodeEscapes, queryOf } from '../../count/route/path.ts';
import { type Parameter, parametersOf } from '../../count/route/query.ts';
import type { CompiledRoutes, RouteMatch } from '../../count/route/rule.ts';

export interface SelectedRequest {
  readonly method: string;
  /** Path and query as they are forwarded to the platform. */
  readonly path: string;
  /** Flat list as received. */
  readonly headers: readonly string[];
  /** Headers that override the method reach the platform only if a trusted proxy sent them. */
  readonly isTrusted: boolean;
}

const AMBIGUOUS: RequestRefusal = {
  status: 400,
  code: 'ambiguous_request',
  detail: 'A parameter of the request has several values; send one.',
};
const METHOD_HEADERS: ReadonlySet<string> = new Set([
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
]);
const METHOD_PARAMETER = '_method';

export class RouteSelection {
  /** The matching rules; complete once `reader` has read the body. */
  match: RouteMatch = [];
  /** The rules that may match, given what is known of the request so far. */
  readonly possible: RouteMatch;
  /** True if some response at this path may hold posts, regardless of method and parameters. */
  readonly mayHavePosts: boolean;
  /** Reads a form on which the rules depend; null if there is none. */
  readonly reader: RequestReader | null;
  /** The reason to refuse the request, if its head alone suffices. */
  readonly refusal: RequestRefusal | null;

  /** @param limits null if forms are not read. */
  constructor(routes: CompiledRoutes, request: SelectedRequest, limits: RequestLimits | null) {
    const candidates = candidatesFor(routes, request.path);
    this.mayHavePosts = candidates.mayHavePosts;
    if (candidates.isFixed) {
      this.match = candidates.rules;
      this.possible = candidates.rules;
      this.reader = null;
      this.refusal = null;
      return;
    }
    const { method, headers, isTrusted } = request;
    const query = parametersOf(queryOf(request.path));
    const methods = isTrusted ? [method, ...methodsIn(headers)] : [method];
    const select = (given: readonly Parameter[]): RequestRefusal | null => {
      const match = rulesFor(candidates, [...methods, ...methodsOf(given)], given);
      if (match === 'ambiguous') return AMBIGUOUS;
      this.match = match;
      return null;
    };
    const form = this.mayHavePosts && limits !== null ? formKindOf(method, headers) : NO_FORM;
    this.refusal = form.kind === 'refused' ? form.refusal : select(query);
    this.reader =
      limits === null ? null : formReader(form, limits, (fields) => select([...query, ...fields]));
    this.possible = this.reader === null ? this.match : candidates.rules;
  }
}

const NO_FORM = { kind: 'none' } as const;

/**
 * Platforms that support it read it in a form; WordPress, Rails, Laravel and Symfony partly read it in the query too.
 */
function methodsOf(given: readonly Parameter[]): string[] {
  return given
    .filter(({ name }) => name === METHOD_PARAMETER)
    .map(({ value }) => decodeEscapes(value).trim().toUpperCase());
}

function methodsIn(headers: readonly string[]): string[] {
  return headers
    .filter((_, at) => at % 2 === 1 && METHOD_HEADERS.has(headers[at - 1]!.toLowerCase()))
    .map((value) => value.trim().toUpperCase());
}

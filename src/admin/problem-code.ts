/** The stable codes of the problems that the admin API returns. Programs branch on the code, never on the text. */

/** The meaning of each code, as the OpenAPI document describes it. */
export const PROBLEM_CODES = {
  invalid_request: 'A field or parameter is missing, unknown or malformed. `errors` names each of them.',
  invalid_json: 'The body is not well-formed JSON.',
  token_missing: 'The request has no bearer token.',
  token_invalid: 'The token is unknown or revoked.',
  session_ended: 'The session of the cookie has ended, or its token was revoked.',
  cross_site: 'A page of another site sent the request with the cookie of a session.',
  role_missing: 'The token lacks a role that the operation needs.',
  too_many_failures: 'Too many requests with a wrong token came from this address.',
  not_found: 'The path, or the record that it names, does not exist.',
  method_not_allowed: 'The path does not support the method. `Allow` lists those that it supports.',
  not_acceptable: 'The operation cannot produce a media type that `Accept` allows.',
  conflict: 'The request contradicts the present state of a record.',
  already_exists: 'A record with this id, key, range or time already exists.',
  ranges_overlap: 'The address range overlaps a range of another client.',
  address_client: 'The client is an unknown caller, identified by its address alone.',
  unique_posts_counted:
    'The tariff in force at that time bills unique posts, which the ledger keeps per client.',
  already_released: 'The billing hold has already been released.',
  tariff_applies: 'The tariff version is already in force and cannot be withdrawn.',
  tariff_invoiced: 'An issued invoice has a line of the tariff version.',
  already_issued: 'The invoice is issued and can no longer change.',
  number_given: 'The next invoice number was already used before the ledger was restored.',
  number_not_ahead: 'The series of invoice numbers has already reached this number.',
  invoice_void: 'The invoice is void.',
  invoice_rejected: 'The draft is rejected.',
  credit_owed: 'The credit note is owed to the client and cannot be rejected.',
  invoice_not_closed: 'The breach or month of the invoice has not closed yet.',
  invoice_not_approved: 'The invoice needs an approval before it can be issued.',
  billing_held: 'A billing hold stops billing of the client.',
  billing_details_missing: 'The client lacks billing details that an issued invoice needs.',
  body_too_large: 'The body exceeds the limit.',
  unsupported_media_type: 'The body is not JSON.',
  internal_error: 'The request failed unexpectedly. The log has the details under `incident`.',
  not_implemented: 'This deployment does not offer the operation.',
  platform_unreachable: 'The platform did not respond to a probe.',
  not_ready: 'The process cannot serve. `errors` names the failing checks.',
  starting: 'The process is starting: its ledger is being opened.',
  ledger_unavailable: 'The ledger is unreachable. The same request may succeed later.',
} as const;

export type ProblemCode = keyof typeof PROBLEM_CODES;

/** The default code for each status, for problems without a more specific code. */
export const CODE_OF_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: 'invalid_request',
  401: 'token_invalid',
  403: 'role_missing',
  404: 'not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  409: 'conflict',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  429: 'too_many_failures',
  500: 'internal_error',
  501: 'not_implemented',
  502: 'platform_unreachable',
  503: 'not_ready',
};

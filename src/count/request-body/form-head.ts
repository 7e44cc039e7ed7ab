/**
 * Reads from the head of a request which form its body has. Only forms that all servers parse alike are accepted. Any
 * other form is refused, because the platform could find another parameter in it than we do.
 */

import { notReadable, type RequestRefusal } from './request-reader.ts';

export type FormKind =
  | { readonly kind: 'none' }
  | { readonly kind: 'urlencoded' }
  | { readonly kind: 'multipart'; readonly boundary: string }
  | { readonly kind: 'refused'; readonly refusal: RequestRefusal };

const MAX_TYPE_LENGTH = 256;

const NONE: FormKind = { kind: 'none' };

/** PHP ends a media type at `;`, `,` or a space. */
const FORM_TYPE = /^\s*(?:application\/x-www-form-urlencoded|multipart\/form-data)(?![\w.+-])/i;
const URLENCODED = /^\s*application\/x-www-form-urlencoded\s*(?:;\s*charset\s*=\s*"?([\w-]*)"?\s*)?;?\s*$/i;
const MULTIPART =
  /^\s*multipart\/form-data\s*(?:;\s*charset\s*=\s*"?([\w-]*)"?\s*)?;\s*boundary\s*=\s*(?:"([\w.'()+/:=? -]{0,69}[\w.'()+/:=?-])"|([\w.'()+/:=?-]{1,70}))\s*(?:;\s*charset\s*=\s*"?([\w-]*)"?\s*)?$/i;
/**
 * Character sets that contain ASCII unchanged. UTF-7, UTF-16 and EBCDIC can spell a parameter that we would not see.
 */
const ASCII_BASED = /^(?:utf-?8|us-ascii|iso-?8859-?\d{1,2}|windows-125\d)?$/i;

/** @param method in upper case. @param headers flat list as received. */
export function formKindOf(method: string, headers: readonly string[]): FormKind {
  const types: string[] = [];
  let coding = '';
  let hasBody = method !== 'GET' && method !== 'HEAD';
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    // Comparing lengths first avoids the lower-casing of almost every header.
    if (name.length === 12 && name.toLowerCase() === 'content-type') types.push(headers[i + 1]!);
    else if (name.length === 16 && name.toLowerCase() === 'content-encoding') coding += headers[i + 1]!;
    else if (name.length === 14 && name.toLowerCase() === 'content-length')
      hasBody ||= headers[i + 1] !== '0';
    else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') hasBody = true;
  }
  if (!hasBody) return NONE;
  // Rack parses a posted body without a media type as a form.
  const isForm = types.length === 0 ? method === 'POST' : types.some((type) => FORM_TYPE.test(type));
  if (!isForm) return NONE;
  if (types.length > 1) return refused(400, 'Send one Content-Type field.');
  if (!/^\s*(?:identity\s*)?$/i.test(coding))
    return refused(415, 'Send the form without a Content-Encoding.');
  return types.length === 0 ? { kind: 'urlencoded' } : kindOf(types[0]!);
}

function kindOf(type: string): FormKind {
  if (type.length > MAX_TYPE_LENGTH) return refused(400, 'The Content-Type of the form is too long.');
  const urlencoded = URLENCODED.exec(type);
  if (urlencoded !== null) return inCharset(urlencoded[1], { kind: 'urlencoded' });
  const multipart = MULTIPART.exec(type);
  if (multipart === null)
    return refused(400, 'The Content-Type of the form has parameters in an unusual form.');
  const [, before, quoted, token, after] = multipart;
  return inCharset(before ?? after, { kind: 'multipart', boundary: (quoted ?? token)! });
}

function inCharset(charset = '', form: FormKind): FormKind {
  return ASCII_BASED.test(charset) ? form : refused(415, 'Send the form in UTF-8.');
}

function refused(status: 400 | 415, detail: string): FormKind {
  return { kind: 'refused', refusal: notReadable(status, detail) };
}

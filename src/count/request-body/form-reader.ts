/** Reads the parameters of a posted form before the platform gets it. */

import { type Parameter, parametersOf } from '../route/query.ts';
import { BodyBuffer } from './body-buffer.ts';
import type { FormKind } from './form-head.ts';
import { MultipartForm } from './multipart-form.ts';
import {
  notReadable,
  type RequestLimits,
  type RequestReader,
  type RequestRefusal,
  tooLarge,
  type Verdict,
} from './request-reader.ts';

const MALFORMED = notReadable(400, 'The body is not well-formed multipart/form-data (RFC 7578).');

/**
 * Returns a refusal if a request with these parameters is refused. Called with all parameters. If a form is forwarded
 * while it is read, it is also called with the parameters read so far, before the platform gets them.
 */
export type Judge = (parameters: readonly Parameter[]) => RequestRefusal | null;

/** @returns null if there is no form to read. */
export function formReader(form: FormKind, limits: RequestLimits, judge: Judge): RequestReader | null {
  switch (form.kind) {
    case 'urlencoded':
      return urlencodedReader(limits, judge);
    case 'multipart':
      return multipartReader(form.boundary, limits, judge);
    default:
      return null;
  }
}

/** Bytes that should have been escaped become one character each, as in a target. */
const decoder = new TextDecoder('latin1');

function urlencodedReader({ maxBytes }: RequestLimits, judge: Judge): RequestReader {
  const body = new BodyBuffer(maxBytes);
  let verdict: Verdict = 'hold';
  return {
    get verdict() {
      return verdict;
    },
    write(chunk) {
      body.write(chunk);
      if (body.isTooLong) verdict = tooLarge(maxBytes);
    },
    end() {
      body.end();
      const bytes = body.bytes();
      if (bytes !== null) verdict = judge(parametersOf(decoder.decode(bytes))) ?? 'pass';
    },
  };
}

/**
 * Files may be of any size, so a form that exceeds the bound because of them is forwarded while it is read. In that
 * case its end decides, and a refusal aborts the request before the platform has all of it.
 */
function multipartReader(boundary: string, { maxBytes }: RequestLimits, judge: Judge): RequestReader {
  const form = new MultipartForm(boundary, maxBytes);
  let verdict: Verdict = 'hold';
  let bytes = 0;
  /** Number of parameters that the judge has seen. */
  let judged = -1;
  const decide = () => {
    const { parameters } = form;
    if (parameters.length === judged) return;
    judged = parameters.length;
    verdict = judge(parameters) ?? 'pass';
  };
  return {
    get verdict() {
      return verdict;
    },
    write(chunk) {
      if (typeof verdict === 'object') return;
      form.write(chunk);
      bytes += chunk.length;
      if (form.fault === 'malformed') verdict = MALFORMED;
      else if (form.fault === 'too_long') verdict = tooLarge(maxBytes);
      else if (form.isClosed || bytes > maxBytes) decide();
    },
    end() {
      if (typeof verdict === 'object') return;
      if (form.isClosed || bytes === 0) decide();
      else verdict = MALFORMED;
    },
  };
}

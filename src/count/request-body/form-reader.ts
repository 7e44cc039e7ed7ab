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
      return new MultipartReader(form.boundary, limits, judge);
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
class MultipartReader implements RequestReader {
  verdict: Verdict = 'hold';
  readonly #limits: RequestLimits;
  readonly #judge: Judge;
  readonly #form: MultipartForm;
  #bytes = 0;
  /** Number of parameters that the judge has seen. */
  #judged = -1;

  constructor(boundary: string, limits: RequestLimits, judge: Judge) {
    this.#limits = limits;
    this.#judge = judge;
    this.#form = new MultipartForm(boundary, limits.maxBytes);
  }

  write(chunk: Uint8Array): void {
    if (typeof this.verdict === 'object') return;
    this.#form.write(chunk);
    this.#bytes += chunk.length;
    if (this.#form.fault === 'malformed') this.verdict = MALFORMED;
    else if (this.#form.fault === 'too_long') this.verdict = tooLarge(this.#limits.maxBytes);
    else if (this.#form.isClosed || this.#bytes > this.#limits.maxBytes) this.#decide();
  }

  end(): void {
    if (typeof this.verdict === 'object') return;
    if (this.#form.isClosed || this.#bytes === 0) this.#decide();
    else this.verdict = MALFORMED;
  }

  #decide(): void {
    const { parameters } = this.#form;
    if (parameters.length === this.#judged) return;
    this.#judged = parameters.length;
    this.verdict = this.#judge(parameters) ?? 'pass';
  }
}

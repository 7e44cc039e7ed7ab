/**
 * Finds the JSON or XML text in a body that may have noise around it: for JSON, the first complete text that only
 * noise follows.
 */

import { parsedJson } from '../json/parsed-json.ts';
import { argumentOf } from './frames.ts';

const MAX_NOISE_LENGTH = 65_536;
/** Maximum number of attempts; each of them may read the whole body. */
const MAX_ATTEMPTS = 1000;
/** Text that may follow an opening bracket in JSON. */
const BEGINS_JSON = /[[{]\s*["[\]{}\dtfn-]/g;
const MARK = /"(?:[^"\\]|\\.)*"|[[\]{}]/gs;
/** Text that continues JSON, or looks like the beginning of JSON, is not noise. */
const IS_NOISE = /^\s*(?:$|[^\s[\]{},:"])/;
const HAS_JSON = /[[{]\s*["[{]/;

/** The JSON text of the body; the body itself if there is no noise or no such text. */
export function withoutNoise(body: string): string {
  if (/^\s*[[{"]/.test(body)) return jsonAt(body, body.search(/\S/)) ?? body;
  let attempts = 0;
  for (const { index } of body.matchAll(BEGINS_JSON)) {
    if (index >= MAX_NOISE_LENGTH || ++attempts > MAX_ATTEMPTS) return body;
    const json = jsonAt(body, index);
    if (json !== null) return json;
  }
  return body;
}

/** The JSON text of the body, or the argument of a function call around it. */
export function jsonIn(body: string): string {
  const json = withoutNoise(body);
  return json === body && !/^\s*[[{"]/.test(body) ? argumentOf(body) : json;
}

const XML_START = /<\?xml\s|<(?:[\w.-]+:)?(?:rss|rdf|feed|entry)\b/i;

/** The XML of the body: from its declaration or the root of a feed to the last end tag of the root. */
export function xmlIn(body: string): string {
  const start = body.search(XML_START);
  const text = start === -1 ? body : body.slice(start);
  const root = /<([a-z_][^\s/>]*)/i.exec(text)?.[1];
  const end = root === undefined ? -1 : text.lastIndexOf(`</${root}`);
  return end === -1 ? text : text.slice(0, text.indexOf('>', end) + 1);
}

/** The JSON text that begins at this position, if only noise follows; else null. */
function jsonAt(body: string, from: number): string | null {
  const end = endOfValue(body, from);
  const rest = body.slice(end);
  if (!IS_NOISE.test(rest) || HAS_JSON.test(rest)) return null;
  const text = body.slice(from, end);
  return parsedJson(text) === undefined ? null : text;
}

/** The position after the string, or after the bracket that closes the first one; the body's end if there is none. */
function endOfValue(body: string, from: number): number {
  MARK.lastIndex = from;
  let depth = 0;
  for (let mark = MARK.exec(body); mark !== null; mark = MARK.exec(body)) {
    if (mark[0] === '[' || mark[0] === '{') depth++;
    else if (mark[0] === ']' || mark[0] === '}') depth--;
    if (depth === 0) return MARK.lastIndex;
  }
  return body.length;
}

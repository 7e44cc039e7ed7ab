/** Finds the JSON text in a body that may have noise around it: the first whole one behind which only noise follows. */

const MAX_NOISE_LENGTH = 65_536;
/** Attempts; each of them may read the whole body. */
const MAX_ATTEMPTS = 1000;
/** What may follow an opening bracket in JSON. */
const BEGINS_JSON = /[[{]\s*["[\]{}\dtfn-]/g;
const MARK = /"(?:[^"\\]|\\.)*"|[[\]{}]/gs;
/** What continues JSON cannot be noise, nor can what looks like the beginning of JSON. */
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

/** The JSON text that begins there, if only noise follows; else null. */
function jsonAt(body: string, from: number): string | null {
  const end = endOfValue(body, from);
  const rest = body.slice(end);
  if (!IS_NOISE.test(rest) || HAS_JSON.test(rest)) return null;
  const text = body.slice(from, end);
  try {
    JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return text;
}

/** The position behind the string or behind the bracket that closes the first one; the body's end without it. */
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

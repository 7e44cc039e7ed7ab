/** Cuts a body that was kept whole into its texts of JSON, by the plainest means there are. */

import { createParser } from 'eventsource-parser';

/** The texts of a JSON text sequence (RFC 7464) stand each behind a record separator. */
const RECORD_SEPARATOR = '\u001e';
/** The comment and the test of the function, as Express writes them, and the call. */
const BEFORE_CALL = /^(?:\/\*[\s\S]*?\*\/)?[\s;]*[\w$.[\]"'\s=&|!]+\(/;
/** Longer than any name of a function. */
const MAX_CALL_LENGTH = 2048;

export function linesOf(body: string): string[] {
  return body.split(/\r?\n/).filter((line) => line.trim() !== '');
}

export function sequenceOf(body: string): string[] {
  return body.split(RECORD_SEPARATOR).filter((text) => text.trim() !== '');
}

/** The data of the events, of these names or of all. */
export function eventsOf(body: string, names: ReadonlySet<string> | null): string[] {
  const data: string[] = [];
  const parser = createParser({
    onEvent: (event) => {
      if (names === null || names.has(event.event ?? 'message')) data.push(event.data);
    },
  });
  parser.feed(body);
  return data;
}

/** The argument of the call, or the body itself, which servers send bare where no callback was asked for. */
export function argumentOf(body: string): string {
  const text = body.trim();
  const call = BEFORE_CALL.exec(text.slice(0, MAX_CALL_LENGTH));
  if (/^[[{]/.test(text) || call === null) return text;
  return text.slice(call[0].length, text.lastIndexOf(')'));
}

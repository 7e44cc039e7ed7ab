/** Splits a complete body into its JSON texts in the simplest way. */

import { createParser } from 'eventsource-parser';

/** A record separator precedes each text of a JSON text sequence (RFC 7464). */
const RECORD_SEPARATOR = '\u001e';
/** The comment and the test of the function, as Express writes them, and the call. */
const BEFORE_CALL = /^(?:\/\*[\s\S]*?\*\/)?[\s;]*[\w$.[\]"'\s=&|!]+\(/;
/** Longer than any function name. */
const MAX_CALL_LENGTH = 2048;

export function linesOf(body: string): string[] {
  return body.split(/\r?\n/).filter((line) => line.trim() !== '');
}

export function sequenceOf(body: string): string[] {
  return body.split(RECORD_SEPARATOR).filter((text) => text.trim() !== '');
}

/** The data of the events with these names, or of all events. */
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

/** The argument of the call, or the body itself, which servers send bare if no callback was requested. */
export function argumentOf(body: string): string {
  const text = body.trim();
  const call = BEFORE_CALL.exec(text.slice(0, MAX_CALL_LENGTH));
  if (/^[[{]/.test(text) || call === null) return text;
  return text.slice(call[0].length, text.lastIndexOf(')'));
}

/** Cuts a body that was kept whole into its texts of JSON, by the plainest means there are. */

import { createParser } from 'eventsource-parser';

/** The texts of a JSON text sequence (RFC 7464) stand each behind a record separator. */
const RECORD_SEPARATOR = '\u001e';
const JSONP = /^[\s\ufeff]*(?:\/\*[\s\S]*?\*\/)?[\s;]*[\w$.[\]"']+\s*\(([\s\S]*)\)[\s;]*$/;

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

/** Undefined where the body is no call with an argument. */
export function argumentOf(body: string): string | undefined {
  return JSONP.exec(body)?.[1];
}

/** Counts a complete body with the usual parser of its format: slow, but simple enough to trust. */

import type { ReadableRule } from '../formats.ts';
import { utf16Of } from '../text/sniffed-text.ts';
import { itemsInFeed } from './feed.ts';
import { type FoundItem, postsOf } from './found-item.ts';
import { eventsOf, linesOf, sequenceOf } from './frames.ts';
import { itemsInHtml } from './html.ts';
import { itemsInText } from './json.ts';
import { jsonIn, xmlIn } from './noise.ts';
import { postsInText, rowsIn } from './tables.ts';
import { itemsInXml } from './xml.ts';

/** Counts a body again; null if the parser cannot read it. */
export type Recount = (rule: ReadableRule, body: Uint8Array) => number | null;

/**
 * Whether there is a second parser for the rule. There is none for GraphQL, whose request would have to be kept too;
 * for parts of multipart bodies; for messages, which are not responses; or for CAR and DAG-CBOR, which the protocol's
 * own library already reads.
 */
export function canRecount({ format }: ReadableRule): boolean {
  return !['graphql', 'multipart', 'websocket', 'socketio', 'car', 'firehose'].includes(format);
}

/** The posts in the body; null if the parser cannot read it. */
export const recount: Recount = (rule, body) => {
  try {
    const frames = framesOf(rule, textOf(body));
    return frames.reduce((posts, items) => posts + postsOf(items, rule.selectors), 0);
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
};

function textOf(body: Uint8Array): string {
  return new TextDecoder(utf16Of(body) ?? 'utf-8').decode(body);
}

/** The items of the body, or of each of its frames. */
function framesOf(rule: ReadableRule, text: string): FoundItem[][] {
  const { entries } = rule;
  switch (rule.format) {
    case 'json':
    case 'jsonp':
      return [itemsInText(jsonIn(text), entries)];
    case 'ndjson':
      return linesOf(text).map((line) => itemsInText(line, entries));
    case 'json-seq':
      return sequenceOf(text).map((one) => itemsInText(one, entries));
    case 'sse':
      return eventsOf(text, rule.events).map((data) => itemsInText(data, entries));
    case 'feed':
      return [itemsInFeed(text, entries, rule.plan.isOptional)];
    case 'xml':
      return [itemsInXml(xmlIn(text), entries)];
    case 'html':
      return [itemsInHtml(text, entries)];
    case 'csv':
      return rowsIn(text, entries, rule.plan).map((row) => [row]);
    case 'text':
      return [postsInText(text, entries)];
    default:
      throw new Error(`There is no second parser for ${rule.format}.`);
  }
}

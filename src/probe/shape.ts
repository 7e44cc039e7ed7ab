/** Detects the framing of a page and proposes where its posts are. */

import { parsedJson } from '../count/json/parsed-json.ts';
import { argumentOf, eventsOf, linesOf } from '../count/recount/frames.ts';
import { htmlProposals } from './html-shape.ts';
import { jsonProposal } from './json-shape.ts';
import type { ProbedPage, Proposal } from './page.ts';

/** Each proposal is tried on the page; the one that counts the most is proposed. */
export function proposalsFor(page: ProbedPage): readonly Proposal[] {
  const text = new TextDecoder().decode(page.body);
  const media = page.contentType.split(';', 1)[0]!.trim().toLowerCase();
  if (media === 'text/event-stream') return some(jsonProposal(eventsOf(text, null).flatMap(parsed), 'sse'));
  if (media === 'application/vnd.ipld.car') return [CAR];
  if (/^\s*</.test(text)) return isMarkup(text) ? htmlProposals(text) : [FEED];
  const whole = parsed(text);
  if (whole.length > 0) return some(jsonProposal(whole, 'json'));
  const argument = parsed(argumentOf(text));
  if (argument.length > 0) return some(jsonProposal(argument, 'jsonp'));
  const lines = linesOf(text).flatMap(parsed);
  return lines.length > 1 ? some(jsonProposal(lines, 'ndjson')) : [];
}

function some(proposal: Proposal | null): readonly Proposal[] {
  return proposal === null ? [] : [proposal];
}

/** The value in a list, or nothing if the text is not JSON. */
function parsed(text: string): unknown[] {
  const value = parsedJson(text);
  return value === undefined ? [] : [value];
}

/** Whether the first element after comments is an HTML element. */
function isMarkup(text: string): boolean {
  let rest = text.trimStart();
  while (rest.startsWith('<!--')) {
    const end = rest.indexOf('-->', '<!--'.length);
    if (end === -1) return false;
    rest = rest.slice(end + '-->'.length).trimStart();
  }
  return /^<(?:!doctype html|html|head|body|div|article|main)\b/i.test(rest);
}

const CAR: Proposal = { format: 'car', posts: [{ record: 'app.bsky.feed.post' }], doubts: [] };

const FEED: Proposal = {
  format: 'feed',
  posts: [
    { feed: 'entry', where: 'link contains "#comment-"', id: 'guid', kind: 'reply' },
    { feed: 'entry', id: 'guid' },
  ],
  doubts: ['feeds of comments look the same as feeds of posts'],
};

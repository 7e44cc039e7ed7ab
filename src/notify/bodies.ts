/** The bodies of messages: JSON for webhooks, blocks for chats, text and HTML for mail. */

import { isoTimestamp } from '../report/timestamp.ts';
import { pageLinkOf, type ToldEvent, wordsOf } from './words.ts';

/** A webhook's body (Standard Webhooks): type, time and thin data. */
export function webhookBody(event: ToldEvent, consoleUrl: string | null): string {
  const link = pageLinkOf(event, consoleUrl);
  const data = link === null ? event.data : { ...event.data, link };
  return JSON.stringify({ type: event.type, timestamp: isoTimestamp(event.atMs), data });
}

/** A message for an incoming webhook of Slack, Mattermost, Rocket.Chat and others of that form. */
export function chatBody(event: ToldEvent, consoleUrl: string | null): string {
  const { title, facts } = wordsOf(event);
  const link = pageLinkOf(event, consoleUrl);
  const headline = `*${chatText(title)}*${link === null ? '' : ` <${link}|Open>`}`;
  const lines = facts.map(([name, value]) => `${chatText(name)}: ${chatText(value)}`);
  const section = (text: string) => ({
    type: 'section',
    text: { type: 'mrkdwn', text: text.slice(0, MAX_SECTION) },
  });
  const blocks = [section(headline), ...(lines.length === 0 ? [] : [section(lines.join('\n'))])];
  return JSON.stringify({ text: title, blocks });
}

/** Slack refuses longer sections. */
const MAX_SECTION = 3000;

/** Slack's control characters. */
function chatText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** One mail about one or several events, oldest first. */
export function mailText(events: readonly ToldEvent[], consoleUrl: string | null): MailText {
  const parts = events.map((event) => ({
    ...wordsOf(event),
    at: isoTimestamp(event.atMs),
    link: pageLinkOf(event, consoleUrl),
  }));
  const [first] = parts;
  const subject = parts.length === 1 ? first!.title : `${parts.length} alerts: ${first!.title}, ...`;
  const text = parts.map(({ title, at, facts, link }) =>
    [
      title,
      at,
      ...facts.map(([name, value]) => `  ${name}: ${value}`),
      ...(link === null ? [] : [link]),
    ].join('\n'),
  );
  const html = parts.map(({ title, at, facts, link }) => {
    const rows = facts.map(
      ([name, value]) => `<tr><th align="left">${htmlText(name)}</th><td>${htmlText(value)}</td></tr>`,
    );
    const open = link === null ? '' : `<p><a href="${htmlText(link)}">Open in the console</a></p>`;
    return `<h2>${htmlText(title)}</h2><p>${at}</p><table>${rows.join('')}</table>${open}`;
  });
  return {
    subject: oneLine(`[Postmeter] ${subject}`),
    text: `${text.join('\n\n')}\n`,
    html: `<!doctype html><meta charset="utf-8">${html.join('<hr>')}`,
  };
}

const MAX_SUBJECT = 200;

/** A line break in a subject would begin another header. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').slice(0, MAX_SUBJECT);
}

function htmlText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

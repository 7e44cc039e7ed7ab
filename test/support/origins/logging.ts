/** An origin that serves pages of posts and writes an access log, like nginx with a column of posts. */

import { appendFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Origin } from './listening.ts';
import { pageOf, startScriptedOrigin } from './scripted.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * `?n=20` is a page of 20 posts. With `&hold=1` its second half never arrives. The origin writes the log line after
 * the client has disconnected, with the posts that it sent.
 */
export function startLoggingOrigin(logFile: string): Promise<Origin> {
  return startScriptedOrigin((url, response, request) => {
    const posts = Number(url.searchParams.get('n') ?? 0);
    const status = posts > 0 ? 200 : 404;
    const page = pageOf(posts);
    response.on('close', () => appendFileSync(logFile, lineOf(request, status, page.length, posts)));
    response.writeHead(status, { 'content-type': 'application/json' });
    if (url.searchParams.has('hold')) response.write(page.slice(0, page.length / 2));
    else response.end(page);
  });
}

function lineOf(request: IncomingMessage, status: number, bytes: number, posts: number): string {
  const named = request.headers['postmeter-client'] ?? '-';
  const address = request.headers['x-forwarded-for'] ?? '-';
  const count = posts > 0 ? String(posts) : '-';
  const { method, url, httpVersion } = request;
  return `"${address}" - ${named} [${localTime(new Date())}] "${method} ${url} HTTP/${httpVersion}" ${status} ${bytes} ${count}\n`;
}

/** `$time_local` of a machine in the time zone +0200. */
function localTime(now: Date): string {
  const local = new Date(now.getTime() + 2 * 3_600_000).toISOString();
  const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(local)!;
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0200`;
}

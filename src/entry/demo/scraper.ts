/** The demo's scraper: fetches page after page through the gateway over a few connections, as scrapers do. */

import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { PAGE_SIZE } from './platform.ts';

const CONNECTIONS = 16;

/**
 * Fetches `posts` posts (a multiple of the page size) with the API key, and reports the number so far after each page.
 * Throws if the gateway returns a status other than 200.
 */
export async function scrape(
  gatewayUrl: string,
  apiKey: string,
  posts: number,
  taken: (posts: number) => void,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let next = 0;
  let total = 0;
  const work = async (): Promise<void> => {
    while (next < posts) {
      const from = next;
      next += PAGE_SIZE;
      const path = `/2/tweets/search/recent?max_results=${PAGE_SIZE}&next_token=${from}`;
      const { status, body } = await get(new URL(path, gatewayUrl), apiKey, agent);
      if (status !== 200) throw new Error(`The gateway returned ${status}: ${body}`);
      // The scraper keeps its own count from the page's metadata, independent of the meter.
      total += Number(/"result_count":(\d+)/.exec(body)?.[1]);
      taken(total);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  agent.destroy();
  return total;
}

function get(url: URL, apiKey: string, agent: Agent): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${apiKey}` };
    const sent = request(url, { agent, headers }, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode!, body }), reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

const POLL_INTERVAL_MS = 50;

/** Waits until the gateway knows a new key, which takes up to a second. HEAD requests take no posts. */
export async function waitForKey(gatewayUrl: string, apiKey: string): Promise<void> {
  const headers = { authorization: `Bearer ${apiKey}` };
  while ((await fetch(gatewayUrl, { method: 'HEAD', headers })).status === 401) {
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}

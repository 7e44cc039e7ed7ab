/** The output of the demo: the breach and the draft invoice in a small table, and commands to try next. */

import Table from 'cli-table3';
import { z } from 'zod';
import type { DemoResult } from './api.ts';

const count = (posts: number): string => posts.toLocaleString('en');

/** Printed before the scraper starts, so that people can watch it in the console. */
export function showConsole(adminUrl: string, adminToken: string, say: (text: string) => void): void {
  say(`Watch it in the console: ${adminUrl}/overview
Sign in with the token ${adminToken}
`);
}

export function showResult(
  { breach, invoice }: DemoResult,
  taken: number,
  seconds: number,
  say: (text: string) => void,
): void {
  say(`\nThe scraper took ${count(taken)} posts by its own count, in ${seconds.toFixed(1)} s.`);
  if (breach === undefined || invoice === undefined) {
    say('The default tariff allows 1,000,000 posts in 24 hours, so nothing is owed.');
    return;
  }
  const table = new Table({ style: { head: [], border: [] } });
  table.push(
    ['breach', `${breach.from} to ${breach.to}, ${breach.state}`],
    ['posts in it', count(breach.posts)],
    ['largest 24-hour window', `${count(breach.peakPosts)} posts, at ${breach.peakAt}`],
    ['billed', `${count(breach.billedPosts)} posts at $15,000 per 1,000,000`],
    ['draft invoice', `${invoice.amount} ${invoice.currency} (${invoice.status})`],
  );
  say(table.toString());
}

/** Says that time is moved, before the breach closes. */
export function showLeap(aheadHours: number, say: (text: string) => void): void {
  say(`
The draft grows while the total is over 1,000,000, and closes a window of 24 hours later.
In this demo, billing's clock is now ${aheadHours} hours ahead, and usage may be 0 seconds late, so that the breach closes at once.`);
}

export function showIssued(number: number, path: string, say: (text: string) => void): void {
  say(`Finance has approved and issued invoice ${number}, with a sample seller and billing details. Its PDF stays in
  ${path}`);
}

const alert = z.object({ type: z.string(), timestamp: z.string(), data: z.record(z.string(), z.unknown()) });

/** @param bodies the bodies of the webhook, oldest first. */
export function showAlerts(bodies: readonly string[], say: (text: string) => void): void {
  say("\nAlerts that the platform's webhook has received:");
  for (const body of bodies) {
    const { type, timestamp, data } = alert.parse(JSON.parse(body));
    const figure =
      data.total === undefined ? `${data.amount} ${data.currency}` : `${count(Number(data.total))} posts`;
    say(`  ${timestamp}  ${type.padEnd(20)}  ${figure}`);
  }
}

export function showEnd(
  urls: { readonly gateway: string; readonly admin: string },
  adminToken: string,
  apiKey: string,
  say: (text: string) => void,
): void {
  const asAdmin = `curl -s -H 'Authorization: Bearer ${adminToken}'`;
  say(`
Everything keeps running until Ctrl-C. The console is at ${urls.admin}/overview, the token is ${adminToken}. Try:

  # the same page, with the client's remaining posts
  curl -si -H 'Authorization: Bearer ${apiKey}' '${urls.gateway}/2/tweets/search/recent' | head -12

  # what finance sees
  ${asAdmin} ${urls.admin}/v1/invoices
  ${asAdmin} -H 'Accept: text/csv' ${urls.admin}/v1/invoices

  # usage with the rolling total, tariffs, the audit log, the description of the API
  ${asAdmin} '${urls.admin}/v1/clients/acme-ai/usage?step=minute'
  ${asAdmin} ${urls.admin}/v1/tariffs
  ${asAdmin} ${urls.admin}/v1/audit
  curl -s ${urls.admin}/v1/openapi.json`);
}

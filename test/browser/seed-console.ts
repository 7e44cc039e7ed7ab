/** What the pages show in the tests in a browser. Names are as hostile as the API allows. */

import { v7 } from 'uuid';
import { processLead } from '../../src/adapters/postgres/billing/leader.ts';
import { postgresBillingLedger } from '../../src/adapters/postgres/billing/ledger.ts';
import type { LedgerDb } from '../../src/adapters/postgres/connection/db.ts';
import { postgresCountingLedger } from '../../src/adapters/postgres/counting/counting-ledger.ts';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import { runBilling } from '../../src/billing.ts';
import type { CountingOutcome } from '../../src/report/routes/port.ts';
import { RULES } from '../admin/api-rig.ts';
import { completeSeller } from '../support/sellers.ts';

/** Returns the JSON of the response. Throws unless the status is 2xx. */
export type SeedCall = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<ReturnType<typeof JSON.parse>>;

/** Ids by the names that the paths of `BROWSER_PAGES` have in braces. */
export type SeededIds = Readonly<Record<string, string>>;

const RIGHT_TO_LEFT = '\u202Egnp.exe\u202C';
export const HOSTILE_NAMES: Readonly<Record<string, string>> = {
  acme: 'ACME <script>alert(1)</script>',
  globex: `"onload="x ${RIGHT_TO_LEFT} 😀`,
  initech: 'W'.repeat(200),
};
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export async function seedConsole(call: SeedCall, db: LedgerDb): Promise<SeededIds> {
  for (const [id, name] of Object.entries(HOSTILE_NAMES)) await call('POST', '/v1/clients', { id, name });
  const billing = {
    legalName: 'Acme AI, Inc.',
    address: '1 Main St',
    email: 'ap@acme.example',
    currency: 'USD',
  };
  await call('PATCH', '/v1/clients/acme', { billing });
  await call('POST', '/v1/clients/acme/identifiers', { kind: 'cidr', cidr: '203.0.113.0/24' });
  const { id: key } = await call('POST', '/v1/clients/globex/identifiers', { kind: 'api_key' });
  await call('POST', '/v1/clients/initech/hold', { reason: '<b>bold</b> "claim" of '.repeat(15) });
  await call('PUT', '/v1/clients/globex/policy', { action: 'refuse', status: 403, reason: 'abuse' });
  await call('POST', '/v1/clients/acme/notes', { text: 'A note with <b>marks</b>.' });
  const terms = { threshold: 1_000, price: '10.00', block: 100 };
  const validFrom = new Date(Date.now() - 96 * HOUR_MS).toISOString();
  await call('POST', '/v1/clients/acme/tariffs', { terms, reason: 'contract', validFrom, correction: true });
  await serve(db);
  const invoice = await issueFirst(call);
  const receiver = await receiverWithMessage(call);
  const { items: messages } = await call('GET', '/v1/messages');
  const whatIf = await call('POST', '/v1/what-ifs', { terms, scope: { clients: ['acme'], callers: false } });
  const subject = await publishPolicy(call);
  return { subject, invoice, receiver, message: messages[0].id, whatIf: whatIf.id, identifier: key };
}

/** A policy in force, and a setting of an author. Returns the id of the author in the registry of rights. */
async function publishPolicy(call: SeedCall): Promise<string> {
  const policy = {
    terms: { version: '2026', url: 'https://platform.example/tos' },
    rightsholder: { name: 'Platform <b>', email: 'rights@platform.example' },
    purposes: { ai_training: 'licence' },
  };
  await call('POST', '/v1/policies', { policy, reason: '<b>first</b>' });
  const settings = [{ kind: 'author', name: '<b>jane', state: 'no_training' }];
  await call('POST', '/v1/rights/settings', { source: 'platform', reason: '<b>asked</b>', settings });
  const { items } = await call('GET', '/v1/rights/subjects');
  return String(items[0].id);
}

/** A breach that has closed, one that is open, callers, and counts of routes. */
async function serve(db: LedgerDb): Promise<void> {
  const nowMs = Date.now();
  const bucketMs = (hoursAgo: number) => Math.floor((nowMs - hoursAgo * HOUR_MS) / MINUTE_MS) * MINUTE_MS;
  const row = { requests: 3, refused: 0, bytes: 1_000, uncounted: 0 };
  const at = (clientId: string, hoursAgo: number, posts: number) => ({
    ...{ clientId, identifierId: `${clientId}-key`, bucketMs: bucketMs(hoursAgo), posts },
    ...row,
  });
  const callers = Array.from({ length: 8 }, (_, index) => `addr:198.51.100.${index}`);
  const usage = [
    ...[at('acme', 72, 1_500), at('acme', 3, 900), at('acme', 2, 800), at('globex', 1, 40)],
    ...callers.map((id) => ({ ...at(id, 4, 2_000), identifierId: id })),
  ];
  await postgresUsageLedger(db).take({ journalId: 'seed', firstSequence: 1, lastSequence: 1, usage });
  await completeSeller(db);
  const ledger = postgresBillingLedger(db, { rules: RULES, lead: processLead(), now: () => nowMs });
  const run = await runBilling(ledger, RULES, v7, nowMs);
  if (run === undefined || run.failures.length > 0)
    throw new Error('billing failed', { cause: run?.failures });
  const hourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const counts = (outcome: CountingOutcome, responses: number, posts: number) => ({
    ...{ route: '/posts', outcome, responses, posts, bytes: 100 * responses },
  });
  await postgresCountingLedger(db).add({
    ...{ source: 'seed', sequence: 1 },
    hours: [
      {
        ...{ hourMs, lastMs: nowMs },
        routes: [counts('counted', 120, 2_400), counts('shape', 3, 0), counts('checked', 5, 0)],
        paths: [{ path: '/thread/{id}', responses: 12, bytes: 900 }],
      },
    ],
  });
}

async function issueFirst(call: SeedCall): Promise<string> {
  const { items } = await call('GET', '/v1/invoices?state=to_approve');
  const { id } = items[0];
  await call('POST', `/v1/invoices/${id}/approve`);
  await call('POST', `/v1/invoices/${id}/issue`);
  return id;
}

/** Its address is never reached: a name below `invalid` does not exist. */
async function receiverWithMessage(call: SeedCall): Promise<string> {
  const receiver = {
    name: 'SOC <b>',
    kind: 'webhook',
    address: 'https://hooks.invalid/x',
    events: ['client.*'],
  };
  const { id } = await call('POST', '/v1/receivers', receiver);
  await call('POST', `/v1/receivers/${id}/test`);
  return id;
}

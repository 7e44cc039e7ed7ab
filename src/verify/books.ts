/** Whether a client's breaches and drafts are what the rule makes of its usage, and nothing is billed twice. */

import type { Breach, Invoice } from '../invoice/model.ts';
import { planBilling } from '../invoice/plan.ts';
import type { BillingRules } from '../invoice/port.ts';
import { isoMoment } from '../report/moment.ts';
import { findBreaches } from '../tariff/breach.ts';
import { countedPosts } from '../tariff/counted.ts';
import { licenceMonths } from '../tariff/licence.ts';
import { cutToBuckets } from '../tariff/posts.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import { timelineOf } from '../tariff/timeline.ts';
import { finding, type Note, type Told } from './finding.ts';
import type { ClientBooks } from './port.ts';
import { overBilled } from './standing.ts';

/** `versions`: the client's own and the default's. */
export function* checkBooks(
  books: ClientBooks,
  versions: readonly TariffVersion[],
  rules: BillingRules,
  nowMs: number,
): Generator<Told> {
  yield* checkBilled(books);
  // What billing has yet to compute, or must not, differs from what it computed last: that is told with the notes.
  if (books.isDirty || books.isParked) return;
  const changes = computedAnew(books, versions, rules, nowMs);
  const breaches = new Map(books.breaches.map((breach) => [breach.id, breach]));
  for (const breach of changes.breaches) {
    const [expected, found] = [told(breach), told(breaches.get(breach.id))];
    // Open, settling, closed: that changes by time, with the next billing.
    if (expected === found) continue;
    yield { finding: finding('breach_differs', `clients/${books.clientId}/breaches`, expected, found) };
  }
  const invoices = new Map(books.invoices.map((invoice) => [invoice.id, invoice]));
  for (const draft of changes.invoices) {
    const [expected, found] = [toldDraft(draft), toldDraft(invoices.get(draft.id))];
    yield { finding: finding('draft_differs', `clients/${books.clientId}/invoices`, expected, found) };
  }
}

function* checkBilled(books: ClientBooks): Generator<Told> {
  const { served } = books;
  const subject = `clients/${books.clientId}`;
  const issued = books.invoices.filter((invoice) => invoice.status === 'issued');
  const drafted = overBilled(books.invoices, served).length === 0;
  for (const { fromMs, toMs, billedPosts, servedPosts } of overBilled(issued, served)) {
    const where = `from ${isoMoment(fromMs)} to ${isoMoment(toMs)}`;
    const what = `${billedPosts} posts are billed ${where}, and ${servedPosts} were served`;
    const note = (code: Note['code'], text: string) => ({ note: { code, subject, text } });
    if (drafted) yield note('credit_due', `${what}: a draft puts it right; issue it`);
    else if (books.isDirty) yield note('credit_due', `${what}: the next billing computes it anew`);
    else if (books.isParked) yield note('credit_due', `${what}: billing of the client has stopped`);
    else
      yield {
        finding: finding('billed_over_served', subject, `at most ${servedPosts} posts ${where}`, billedPosts),
      };
  }
}

function computedAnew(
  { clientId, served, breaches: stored, invoices }: ClientBooks,
  versions: readonly TariffVersion[],
  rules: BillingRules,
  nowMs: number,
) {
  const { bucketSeconds } = rules;
  const periods = timelineOf(clientId, versions, bucketSeconds);
  const posts = cutToBuckets(countedPosts(served, periods), bucketSeconds);
  const breaches = findBreaches(posts, periods, bucketSeconds);
  const months = licenceMonths(posts, periods, bucketSeconds);
  let made = 0;
  const newId = () => `new-${++made}`;
  return planBilling({ clientId, rules, nowMs, newId, stored, invoices, breaches, months });
}

function told(breach: Breach | undefined): string {
  if (breach === undefined) return 'no breach';
  const { id, clientId, state, amountMinor, ...facts } = breach;
  return JSON.stringify({ ...facts, amountMinor: String(amountMinor), void: state === 'void' });
}

function toldDraft(invoice: Invoice | undefined): string {
  if (invoice === undefined || invoice.status === 'void') return 'no draft';
  const { kind, amountMinor, currency, lines } = invoice;
  const parts = lines.map((line) => `${line.posts} posts ${line.amountMinor}`).join(', ');
  return `${kind} of ${amountMinor} minor units of ${currency} (${parts})`;
}

/**
 * Checks that a client's breaches and drafts are what the rule makes of its usage, and that nothing is billed
 * twice.
 */

import type { Breach, Invoice } from '../invoice/model.ts';
import { planBilling } from '../invoice/plan.ts';
import type { BillingRules } from '../invoice/port.ts';
import { isoTimestamp } from '../report/timestamp.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import { overBilled } from './double-billing.ts';
import { finding, type Note, type VerificationEvent } from './finding.ts';
import type { ClientAccount } from './port.ts';
import { computeServed } from './recompute.ts';

/** `versions` are the client's own and the default's. */
export function* checkAccount(
  account: ClientAccount,
  versions: readonly TariffVersion[],
  rules: BillingRules,
  nowMs: number,
): Generator<VerificationEvent> {
  yield* checkBilled(account);
  // Pending or held billing differs from the last computation. The notes report it.
  if (account.isDirty || account.isOnHold) return;
  const changes = recompute(account, versions, rules, nowMs);
  const breaches = new Map(account.breaches.map((breach) => [breach.id, breach]));
  for (const breach of changes.breaches) {
    const [expected, found] = [describeBreach(breach), describeBreach(breaches.get(breach.id))];
    // The state is left out: it changes by time, with the next billing run.
    if (expected === found) continue;
    yield { finding: finding('breach_differs', `clients/${account.clientId}/breaches`, expected, found) };
  }
  const invoices = new Map(account.invoices.map((invoice) => [invoice.id, invoice]));
  for (const draft of changes.invoices) {
    const [expected, found] = [describeDraft(draft), describeDraft(invoices.get(draft.id))];
    yield { finding: finding('draft_differs', `clients/${account.clientId}/invoices`, expected, found) };
  }
}

function* checkBilled(account: ClientAccount): Generator<VerificationEvent> {
  const { served } = account;
  const subject = `clients/${account.clientId}`;
  const issued = account.invoices.filter((invoice) => invoice.status === 'issued');
  const drafted = overBilled(account.invoices, served).length === 0;
  for (const { fromMs, toMs, billedPosts, servedPosts } of overBilled(issued, served)) {
    const where = `from ${isoTimestamp(fromMs)} to ${isoTimestamp(toMs)}`;
    const what = `${billedPosts} posts are billed ${where}, and ${servedPosts} were served`;
    const note = (code: Note['code'], text: string) => ({ note: { code, subject, text } });
    if (drafted) yield note('credit_due', `${what}: a draft corrects it; issue the draft`);
    else if (account.isDirty) yield note('credit_due', `${what}: the next billing run recomputes it`);
    else if (account.isOnHold) yield note('credit_due', `${what}: the client is on billing hold`);
    else
      yield {
        finding: finding('billed_over_served', subject, `at most ${servedPosts} posts ${where}`, billedPosts),
      };
  }
}

function recompute(
  { clientId, served, breaches: stored, invoices }: ClientAccount,
  versions: readonly TariffVersion[],
  rules: BillingRules,
  nowMs: number,
) {
  const { breaches, months } = computeServed(clientId, served, versions, rules.bucketSeconds);
  let made = 0;
  const newId = () => `new-${++made}`;
  return planBilling({ clientId, rules, nowMs, newId, stored, invoices, breaches, months });
}

function describeBreach(breach: Breach | undefined): string {
  if (breach === undefined) return 'no breach';
  const { id, clientId, state, amountMinor, ...facts } = breach;
  return JSON.stringify({ ...facts, amountMinor: String(amountMinor), void: state === 'void' });
}

function describeDraft(invoice: Invoice | undefined): string {
  if (invoice === undefined || invoice.status === 'void') return 'no draft';
  const { kind, amountMinor, currency, lines } = invoice;
  const parts = lines.map((line) => `${line.posts} posts ${line.amountMinor}`).join(', ');
  return `${kind} of ${amountMinor} minor units of ${currency} (${parts})`;
}

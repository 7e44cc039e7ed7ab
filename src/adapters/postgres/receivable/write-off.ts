/** The write-off of what is still owed on an invoice. A reversal of its entry takes it back. */

import type { ActionRefusal, ActionRequest } from '../../../admin/proposals/port.ts';
import type { AllocationTarget, NewEntry } from '../../../receivable/allocate.ts';
import { latestDate, utcDateOf } from '../../../receivable/date.ts';
import type { LedgerDb } from '../connection/db.ts';
import type { ProposalAction } from '../proposal/action.ts';
import { lockTargets } from './lock.ts';
import { auditEntries, writeEntries } from './write.ts';

const NOTHING_OWED: ActionRefusal = {
  ...{ status: 409, field: 'invoiceId', reason: 'has nothing that is still owed' },
  hint: 'see its entries; only a remaining balance can be written off',
};

/** The subject is `invoices/ID`. It is stale if the balance changed. */
export const writeOffAction: ProposalAction = {
  async subject(tx, request) {
    const target = await targetOf(tx, request);
    if (target === null) return null;
    const { balanceMinor, sellerId } = target.receivable;
    return { state: { balance: String(balanceMinor) }, sellerId };
  },

  async refusal(tx, request) {
    const target = await targetOf(tx, request);
    return target === null || target.receivable.balanceMinor === 0n ? NOTHING_OWED : null;
  },

  async run(tx, request, { actor, atMs }) {
    const { receivable, lastOn } = (await targetOf(tx, request))!;
    const { invoiceId, balanceMinor } = receivable;
    const entry: NewEntry = {
      invoiceId,
      kind: 'write_off',
      amountMinor: -balanceMinor,
      ...{ paymentId: null, creditNoteId: null, reversesId: null },
      ...{ effectiveOn: latestDate(utcDateOf(atMs), lastOn), atMs, actor, reason: request.reason },
    };
    const written = await writeEntries(tx, [entry]);
    const audited = { action: 'invoice.written_off', subject: request.subject, reason: request.reason };
    await auditEntries(tx, { actor, atMs }, audited, written);
    return { id: String(written[0]!.id) };
  },
};

async function targetOf(tx: LedgerDb, { subject }: ActionRequest): Promise<AllocationTarget | null> {
  const id = subject.slice('invoices/'.length);
  return (await lockTargets(tx, [id])).get(id) ?? null;
}

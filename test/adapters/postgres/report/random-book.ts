/** Random small books of issued invoices, as rows that the triggers of the ledger accept. */

import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import type { LedgerDb } from '../../../../src/adapters/postgres/connection/db.ts';

const DAY_MS = 86_400_000;
const FIRST_MS = Date.UTC(2025, 4, 10);
const CLIENTS = ['acme', 'globex', '=initech'];
const SELLERS = ['default', 'eu'];
const CURRENCIES = ['USD', 'EUR'];

/** Numbers from 0 to below `limit`, the same for the same seed (Park-Miller). */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
}

const dayOf = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);

interface Rows {
  readonly invoices: Record<string, unknown>[];
  readonly payments: Record<string, unknown>[];
  readonly entries: Record<string, unknown>[];
  readonly disputes: Record<string, unknown>[];
  readonly dunnings: Record<string, unknown>[];
}

/** Adds clients, a second seller and `count` invoices with what happened to them. */
export async function addRandomBook(db: LedgerDb, seed: number, count: number): Promise<void> {
  const drawn = numbers(seed);
  const rows: Rows = { invoices: [], payments: [], entries: [], disputes: [], dunnings: [] };
  for (let number = 1; number <= count; number++) addInvoice(rows, drawn, number);
  await db.transaction(async (tx) => {
    await tx.execute(sql`insert into sellers (id) values ('eu')`);
    await tx.execute(sql`
      insert into clients (id, name, source) select id, 'Client ' || id, 'operator'
      from jsonb_array_elements_text(${JSON.stringify(CLIENTS)}::jsonb) as c(id)`);
    for (const table of ['invoices', 'payments', 'entries', 'disputes', 'dunnings'] as const) {
      for (const row of rows[table]) {
        const columns = sql.raw(Object.keys(row).join(', '));
        await tx.execute(sql`
          insert into ${sql.raw(table)} (${columns})
          select ${columns} from jsonb_populate_record(null::${sql.raw(table)}, ${JSON.stringify(row)}::jsonb)`);
      }
    }
    await tx.execute(sql`select setval('entries_id_seq', ${rows.entries.length}::bigint)`);
  });
}

function addInvoice(rows: Rows, drawn: (limit: number) => number, number: number): void {
  const issuedMs = FIRST_MS + drawn(300) * DAY_MS + drawn(DAY_MS);
  const issuedOn = dayOf(issuedMs);
  const party = { client_id: CLIENTS[drawn(3)]!, currency: CURRENCIES[drawn(2)]! };
  const seller = SELLERS[drawn(2)]!;
  const net = 1_500_000 + drawn(9_000_000);
  const isOld = drawn(8) === 0;
  const rate = [0, 0, 1900, 2100][drawn(4)]!;
  const tax = isOld ? 0 : Math.floor((net * rate) / 10_000);
  const taxRule = {
    appliesTo: drawn(3) === 0 ? 'licence' : 'damages',
    category: rate === 0 ? 'O' : 'S',
    rateBp: rate,
  };
  const dueOn = dayOf(issuedMs + (14 + drawn(30)) * DAY_MS);
  const invoice = (kind: string, at: number, sign: number, more: object) => ({
    ...{
      id: v7(),
      number: number + (kind === 'credit_note' ? 100_000 : 0),
      kind,
      status: 'issued',
      ...party,
    },
    ...{ amount_minor: sign * net, tax_minor: sign * tax, issued_at: new Date(at).toISOString() },
    ...{ created_at: new Date(at).toISOString(), updated_at: new Date(at).toISOString() },
    ...{ origin: 'billing', series: 'invoices', seller_id: isOld ? null : seller },
    document: isOld ? null : { displayNumber: `PM-${number}-${kind}`, dueOn, taxRule },
    ...more,
  });
  const charged = invoice('invoice', issuedMs, 1, {});
  rows.invoices.push(charged);
  // Some invoices that are older than the book were never charged in it.
  if (isOld && drawn(2) === 0) return;
  let open = 0;
  const entry = (kind: string, on: string, amount: number, more: object = {}): number => {
    const id = rows.entries.length + 1;
    open += amount;
    rows.entries.push({
      ...{ id, invoice_id: charged.id, kind, amount_minor: amount, effective_on: on },
      ...{ at: new Date(issuedMs).toISOString(), actor: 'random', ...more },
    });
    return id;
  };
  entry('charge', issuedOn, net + tax);
  const later = () => issuedMs + drawn(150) * DAY_MS;
  for (let step = drawn(5); step > 0 && open > 0; step--) {
    const on = dayOf(later());
    const amount = drawn(2) === 0 ? open : 1 + drawn(open);
    const sort = drawn(6);
    if (sort === 5) entry('write_off', on, -open, { reason: `given up, "${number}"` });
    else if (sort === 4) {
      const note = invoice('credit_note', later(), -1, { corrects_id: charged.id });
      if (rows.invoices.some(({ number: other }) => other === note.number)) continue;
      rows.invoices.push(note);
      entry('credit', on, -amount, { credit_note_id: note.id });
    } else {
      const payment = v7();
      rows.payments.push({
        ...{ id: payment, seller_id: isOld ? 'default' : seller, ...party, received_on: on },
        ...{ amount_minor: amount, source: 'hand', at: new Date(issuedMs).toISOString(), actor: 'random' },
      });
      const id = entry('payment', on, -amount, { payment_id: payment });
      if (sort === 3) {
        const back = dayOf(Date.parse(on) + drawn(40) * DAY_MS);
        entry('reversal', back, amount, { payment_id: payment, reverses_id: id });
      }
    }
  }
  for (let level = 1; level <= drawn(4); level++) {
    const at = new Date(issuedMs + (15 * level + drawn(15)) * DAY_MS).toISOString();
    rows.dunnings.push({ id: v7(), invoice_id: charged.id, level, at, actor: 'random' });
  }
  if (drawn(3) === 0) {
    const openedMs = later();
    rows.disputes.push({
      ...{
        id: v7(),
        invoice_id: charged.id,
        opened_at: new Date(openedMs).toISOString(),
        opened_by: 'random',
      },
      ...{ ground: 'counting', text: 'x', disputed_minor: 1 },
      resolved_at: drawn(2) === 0 ? null : new Date(openedMs + drawn(60) * DAY_MS).toISOString(),
    });
  }
}

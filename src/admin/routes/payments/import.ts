/** The route that imports a bank's CSV file: rows are matched with open invoices, and confirmed rows are recorded. */

import { createRoute, z } from '@hono/zod-openapi';
import { utcDateOf } from '../../../receivable/date.ts';
import { externalIdsOf, type PlannedRow, planImport } from '../../../receivable/import-plan.ts';
import { MATCH_CERTAINTIES } from '../../../receivable/match.ts';
import { BANK_DATE_FORMATS, type BankRow, readBankCsv } from '../../../receivable/read-bank-csv.ts';
import { DEFAULT_SELLER } from '../../../seller/model.ts';
import { formatMoney } from '../../../tariff/money.ts';
import { requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { AmountOut, CurrencyCode, DateOut, lineOfText, NO_QUERY } from '../../fields.ts';
import type { Actor } from '../../port.ts';
import { faultsProblem, fieldProblem, problems } from '../../problem.ts';
import { SellerIdIn } from './payment-schemas.ts';

const MAX_ROWS = 1000;
/** A person who fixes these finds the others next. */
const MAX_FAULTS = 50;

const Column = z.string().min(1).max(200);
const MappingIn = z.strictObject({
  receivedOn: Column,
  amount: Column,
  payer: Column.optional(),
  reference: Column.optional(),
  externalId: Column.optional().openapi({ description: "The bank's id of the transaction." }),
  currency: Column.optional(),
  defaultCurrency: CurrencyCode.default('USD').openapi({ description: 'Of rows without a currency.' }),
  delimiter: z.enum([',', ';', '\t']).default(','),
  decimal: z.enum(['.', ',']).default('.'),
  dateFormat: z.enum(BANK_DATE_FORMATS).default('YYYY-MM-DD'),
});

const ImportIn = z
  .strictObject({
    csv: z.string().min(1).max(900_000),
    mapping: MappingIn.openapi({ description: 'The names of the columns of the file, and its formats.' }),
    sellerId: SellerIdIn.default(DEFAULT_SELLER),
    source: lineOfText(60)
      .refine((text) => text !== 'hand', { error: 'is reserved', params: { hint: 'name the bank account' } })
      .openapi({
        description: 'Names the account. A row is recorded once within its source.',
        example: 'bank',
      }),
    dryRun: z.boolean().default(true),
    confirm: z.array(z.int().min(1)).max(MAX_ROWS).default([]).openapi({
      description: 'Rows to record besides the sure ones. A row without a match is recorded unallocated.',
    }),
  })
  .openapi('PaymentImport');

const OUTCOMES = ['would_record', 'recorded', 'repeated', 'left', 'failed'] as const;
type Outcome = { readonly outcome: (typeof OUTCOMES)[number]; readonly paymentId: string | null };

export const PaymentImportSchema = z
  .object({
    dryRun: z.boolean(),
    rows: z.int(),
    ignored: z.int().openapi({ description: 'Rows of money that went out.' }),
    recorded: z.int(),
    repeated: z.int().openapi({ description: 'Rows that were recorded before.' }),
    left: z.int().openapi({ description: 'Rows that wait for a confirmation.' }),
    items: z.array(
      z.object({
        row: z.int().openapi({ description: 'From 1, without the header.' }),
        receivedOn: DateOut,
        amount: AmountOut,
        currency: z.string(),
        payer: z.string().nullable(),
        reference: z.string().nullable(),
        certainty: z.enum(MATCH_CERTAINTIES),
        by: z.string().openapi({ description: 'The rule that matched.' }),
        clientId: z.string().nullable(),
        allocations: z.array(z.object({ invoiceId: z.string(), number: z.string(), amount: AmountOut })),
        outcome: z.enum(OUTCOMES),
        paymentId: z.string().nullable(),
      }),
    ),
  })
  .openapi('PaymentImportResult');
export type PaymentImportJson = z.infer<typeof PaymentImportSchema>;

type Deps = Pick<AdminDeps, 'payments' | 'secrets' | 'now' | 'newId'>;

export function paymentImportRoute(app: AdminApp, deps: Deps): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/payments/import',
      operationId: 'importPayments',
      summary:
        "Match the rows of a bank's CSV file with open invoices, and record those that are sure or confirmed",
      description: `At most ${MAX_ROWS} rows. By default nothing is recorded. A row is matched by its payment reference, then by number and amount, then by payer. Imported again, a row changes nothing.`,
      tags: ['payments'],
      ...requires('finance'),
      request: { query: NO_QUERY, body: jsonBody(ImportIn) },
      responses: {
        ...json(200, 'What happened to each row.', PaymentImportSchema),
        ...problems(404, 413, 415),
      },
    }),
    async (c) => {
      const { csv, mapping, sellerId, source, dryRun, confirm } = c.req.valid('json');
      const { rows, ignored } = rowsOf(csv, mapping, utcDateOf(deps.now()));
      const isConfirmed = ({ row }: BankRow) => confirm.includes(row);
      const ids = externalIdsOf(rows, deps.secrets.hashToken);
      const recorded = await deps.payments.recorded(source, ids);
      const debts = await deps.payments.debts({ sellerId });
      const plan = planImport(rows, ids, recorded, debts, isConfirmed);
      const numbers = new Map(debts.map(({ invoiceId, displayNumber }) => [invoiceId, displayNumber]));
      const who = { actor: c.get('caller').actor, atMs: deps.now() };
      const items: PaymentImportJson['items'] = [];
      for (const planned of plan) {
        const isChosen = planned.match.certainty === 'sure' || isConfirmed(planned.row);
        const outcome = await taken(planned, isChosen, dryRun, (chosen) =>
          record(deps, chosen, { sellerId, source }, who),
        );
        items.push({ ...itemOf(planned, numbers), ...outcome });
      }
      const count = (outcome: Outcome['outcome']) => items.filter((item) => item.outcome === outcome).length;
      const counts = { recorded: count('recorded'), repeated: count('repeated'), left: count('left') };
      return c.json({ dryRun, rows: rows.length, ignored, ...counts, items }, 200);
    },
  );
}

function rowsOf(csv: string, mapping: z.output<typeof MappingIn>, today: string) {
  const file = readBankCsv(csv, mapping);
  const future = file.rows
    .filter(({ receivedOn }) => receivedOn > today)
    .map(({ row, receivedOn }) => ({
      ...{ row, reason: `is of ${receivedOn}, which is in the future` },
      hint: 'check the format of dates in the mapping',
    }));
  const faults = [...file.faults, ...future];
  if (faults.length > 0) {
    throw faultsProblem(
      faults.slice(0, MAX_FAULTS).map(({ row, reason, hint }) => ({
        ...{ field: row === 0 ? 'csv' : `row ${row}`, reason, hint },
      })),
    );
  }
  if (file.rows.length > MAX_ROWS) {
    throw fieldProblem(400, 'csv', `has ${file.rows.length} rows`, `import at most ${MAX_ROWS} at a time`);
  }
  return file;
}

async function taken(
  planned: PlannedRow,
  isChosen: boolean,
  dryRun: boolean,
  write: (planned: PlannedRow) => Promise<Outcome>,
): Promise<Outcome> {
  if (planned.recordedAs !== null) return { outcome: 'repeated', paymentId: planned.recordedAs };
  if (!isChosen) return { outcome: 'left', paymentId: null };
  return dryRun ? { outcome: 'would_record', paymentId: null } : write(planned);
}

/** Each row is a transaction of its own. It fails if the book has changed since the plan. */
async function record(
  { payments, newId }: Deps,
  { row, externalId, match }: PlannedRow,
  of: { readonly sellerId: string; readonly source: string },
  who: Actor,
): Promise<Outcome> {
  const { receivedOn, amountMinor, currency, payer, reference } = row;
  const result = await payments.record(
    {
      ...{ id: newId(), ...of, clientId: match.clientId, receivedOn, amountMinor, currency },
      ...{ payer, reference, method: null, externalId, note: null },
    },
    match.allocations,
    who,
  );
  if (result.kind === 'recorded' || result.kind === 'repeated') {
    return { outcome: result.kind, paymentId: result.id };
  }
  return { outcome: 'failed', paymentId: null };
}

function itemOf({ row, match }: PlannedRow, numbers: ReadonlyMap<string, string>) {
  const { amountMinor, externalId, ...shown } = row;
  const { certainty, by, clientId, allocations } = match;
  return {
    ...{ ...shown, amount: formatMoney(amountMinor, row.currency), certainty, by, clientId },
    allocations: allocations.map(({ invoiceId, amountMinor: part }) => ({
      invoiceId,
      number: numbers.get(invoiceId)!,
      amount: formatMoney(part, row.currency),
    })),
  };
}

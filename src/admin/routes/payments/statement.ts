/** Routes of the account of a client: its statement as JSON or CSV, and its balances. */

import { createRoute, z } from '@hono/zod-openapi';
import { utcDateOf } from '../../../receivable/date.ts';
import { type AccountStatement, MOVEMENT_KINDS, statementOf } from '../../../receivable/statement.ts';
import { type Cell, csvLines, figure } from '../../../report/csv.ts';
import { LANGUAGES } from '../../../seller/language.ts';
import { formatMoney } from '../../../tariff/money.ts';
import { anyRole } from '../../auth.ts';
import { json } from '../../content.ts';
import { CSV_CONTENT, csvResponse, FORMAT_QUERY, wantsCsv } from '../../csv-response.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { AmountOut, ClientId, CurrencyCode, DateIn, DateOut, NO_QUERY } from '../../fields.ts';
import { fieldProblem, problems } from '../../problem.ts';
import { existingClient } from '../clients/clients.ts';
import { FILE_CONTENT } from '../documents/file-response.ts';
import { statementPdf } from '../documents/statement-pdf.ts';

type Deps = Pick<AdminDeps, 'payments' | 'store' | 'now'>;
type StatementDeps = Deps & Pick<AdminDeps, 'documents'>;

const params = z.object({ clientId: ClientId });
const tags = ['payments'];
/** Before the first movement of every account. */
const BEGINNING = '1970-01-01';

export const STATEMENT_QUERY = {
  from: DateIn.optional().openapi({ description: 'Default: the first movement.' }),
  to: DateIn.optional().openapi({ description: 'Inclusive. Default: today, UTC.' }),
  currency: CurrencyCode.optional().openapi({ description: "Default: that of the client's account." }),
};

/** The PDF is on Node only, and is not stored. */
const PDF_QUERY = {
  format: z.enum(['json', 'csv', 'pdf']).optional(),
  language: z.enum(LANGUAGES).optional().openapi({ description: "Of the PDF. Default: the client's." }),
};

export const StatementSchema = z
  .object({
    clientId: z.string(),
    currency: z.string(),
    from: DateOut,
    to: DateOut,
    opening: AmountOut.openapi({ description: 'Owed before `from`. Negative: in favour of the client.' }),
    rows: z.array(
      z.object({
        on: DateOut,
        kind: z.enum(MOVEMENT_KINDS),
        id: z.string().openapi({ description: 'Of the invoice, payment or refund.' }),
        number: z.string().nullable(),
        text: z.string().nullable(),
        dueOn: DateOut.nullable(),
        amount: AmountOut.openapi({ description: 'Negative if it lowers what is owed.' }),
        balance: AmountOut,
      }),
    ),
    closing: AmountOut.openapi({ description: '`opening` and the amounts of all rows come to it.' }),
  })
  .openapi('AccountStatement');
export type StatementJson = z.infer<typeof StatementSchema>;

const BalancesSchema = z
  .object({
    items: z.array(
      z.object({
        currency: z.string(),
        open: AmountOut.openapi({ description: 'Owed on invoices.' }),
        unallocated: AmountOut.openapi({ description: 'Left of payments and credit notes.' }),
        balance: AmountOut.openapi({ description: 'open - unallocated' }),
      }),
    ),
  })
  .openapi('AccountBalances');
export type BalancesJson = z.infer<typeof BalancesSchema>;

type StatementAsk = z.output<z.ZodObject<typeof STATEMENT_QUERY>>;

/** States the account of an existing client. Throws a problem if the range is empty. */
export async function statementFor(deps: Deps, clientId: string, asked: StatementAsk) {
  const client = await existingClient(deps.store, clientId);
  const balances = asked.currency === undefined ? await deps.payments.balances(clientId) : [];
  const currency = asked.currency ?? balances[0]?.currency ?? client.billing.currency ?? 'USD';
  const movements = await deps.payments.movements(clientId, currency);
  const { from = movements.map(({ on }) => on).sort()[0] ?? BEGINNING, to = utcDateOf(deps.now()) } = asked;
  if (from > to) throw fieldProblem(400, 'from', 'is after `to`', `use ${to} or an earlier date`);
  return { clientId, currency, from, to, ...statementOf(movements, from, to) };
}

export function statementRoutes(app: AdminApp, deps: StatementDeps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/clients/{clientId}/statement',
      operationId: 'getStatement',
      summary: 'Statement of account: documents, payments, credits and refunds with a running balance',
      tags,
      ...anyRole(),
      request: { params, query: z.strictObject({ ...STATEMENT_QUERY, ...FORMAT_QUERY, ...PDF_QUERY }) },
      responses: {
        200: {
          description: 'The statement.',
          content: {
            ...{ 'application/json': { schema: StatementSchema }, ...CSV_CONTENT },
            'application/pdf': FILE_CONTENT['application/pdf'],
          },
        },
        ...problems(404, 409, 422, 501),
      },
    }),
    async (c) => {
      const { format, bom, language, ...asked } = c.req.valid('query');
      const { clientId } = c.req.valid('param');
      const stated = await statementFor(deps, clientId, asked);
      if (format === 'pdf') return statementPdf(c, deps, stated, language);
      const statement = statementJson(stated);
      if (!wantsCsv(c, { format, bom })) return c.json(statement, 200);
      return csvResponse(`statement-${clientId}`, statementCsv(statement), { format, bom });
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/clients/{clientId}/balances',
      operationId: 'getBalances',
      summary: 'What a client owes, and what is left of its money, by currency',
      tags,
      ...anyRole(),
      request: { params, query: NO_QUERY },
      responses: { ...json(200, 'The balances.', BalancesSchema), ...problems(404) },
    }),
    async (c) => {
      const { id } = await existingClient(deps.store, c.req.valid('param').clientId);
      const items = (await deps.payments.balances(id)).map(
        ({ currency, openMinor, unallocatedMinor, balanceMinor }) => ({
          currency,
          open: formatMoney(openMinor, currency),
          unallocated: formatMoney(unallocatedMinor, currency),
          balance: formatMoney(balanceMinor, currency),
        }),
      );
      return c.json({ items }, 200);
    },
  );
}

type Stated = Awaited<ReturnType<typeof statementFor>> & AccountStatement;

function statementJson({ openingMinor, closingMinor, rows, ...rest }: Stated): StatementJson {
  const text = (minor: bigint) => formatMoney(minor, rest.currency);
  return {
    ...rest,
    opening: text(openingMinor),
    closing: text(closingMinor),
    rows: rows.map(({ atMs, amountMinor, balanceMinor, ...row }) => ({
      ...row,
      amount: text(amountMinor),
      balance: text(balanceMinor),
    })),
  };
}

async function* statementCsv({ currency, from, to, opening, closing, rows }: StatementJson) {
  const cells: Cell[][] = rows.map(({ on, kind, number, text, dueOn, amount, balance }) => [
    ...[on, kind, number, text, dueOn, currency, figure(amount), figure(balance)],
  ]);
  const edge = (on: string, kind: string, balance: string): Cell[] => [
    ...[on, kind, null, null, null, currency, null, figure(balance)],
  ];
  yield csvLines([
    ['date', 'kind', 'number', 'text', 'due', 'currency', 'amount', 'balance'],
    edge(from, 'opening', opening),
    ...cells,
    edge(to, 'closing', closing),
  ]);
}

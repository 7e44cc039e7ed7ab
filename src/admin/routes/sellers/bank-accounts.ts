/** Routes of the bank accounts of sellers. Where money is to be paid is decided by two people, if there are two. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import { accountFaults, type BankAccountAction, electronicIban } from '../../../seller/bank-account.ts';
import { anyRole, type Caller, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { CurrencyCode, lineOfText, NO_QUERY, Reason, RecordId, TimestampOut } from '../../fields.ts';
import { pageAsk, pageFields, pageJson, pageResponse, UUID_KEY } from '../../paging.ts';
import { faultsProblem, fieldProblem, problems } from '../../problem.ts';
import type { BankAccountRecord } from '../../sellers/settings-port.ts';
import { ProposalSchema, proposalJson, submittedOrThrow } from '../proposals/proposal-json.ts';
import { existingSeller } from './existing.ts';
import { sellerParams } from './seller-schemas.ts';

const tags = ['sellers'];
const path = '/v1/sellers/{sellerId}/bank-accounts';
const params = sellerParams.extend({ bankAccountId: RecordId });

const number = (maxLength: number) => lineOfText(maxLength).nullable().default(null);

const NewBankAccount = z
  .strictObject({
    currency: CurrencyCode,
    holder: lineOfText(140),
    iban: lineOfText(42)
      .transform(electronicIban)
      .nullable()
      .default(null)
      .openapi({ type: ['string', 'null'], example: 'DE02120300000000202051' }),
    bic: lineOfText(11).nullable().default(null).openapi({ example: 'BYLADEM1001' }),
    accountNumber: number(34).openapi({ description: 'Without an IBAN, with the routing number.' }),
    routingNumber: number(20),
    bankName: number(100),
    isDefault: z
      .boolean()
      .default(true)
      .openapi({ description: 'true: later documents in the currency ask to pay to it.' }),
    reason: Reason,
  })
  .openapi('NewBankAccount');

const AccountReason = z.strictObject({ reason: Reason }).openapi('BankAccountReason');

const nullable = z.string().nullable();

export const BankAccountSchema = z
  .object({
    ...{ id: z.string(), sellerId: z.string(), currency: z.string(), holder: z.string() },
    ...{ iban: nullable, bic: nullable, accountNumber: nullable, routingNumber: nullable },
    ...{ bankName: nullable, isDefault: z.boolean() },
    ...{ createdAt: TimestampOut, createdBy: z.string(), archivedAt: TimestampOut.nullable() },
  })
  .openapi('BankAccount');

type BankAccountDeps = Pick<AdminDeps, 'sellers' | 'proposals' | 'now' | 'newId'>;

export function bankAccountRoutes(app: AdminApp, { sellers, proposals, now, newId }: BankAccountDeps): void {
  const who = ({ actor, tokenId }: Caller) => ({ actor, tokenId, atMs: now() });
  /** Takes the action or proposes it. Returns the account, or the proposal. */
  const submit = async (sellerId: string, action: BankAccountAction, reason: string, caller: Caller) => {
    const subject = `sellers/${sellerId}/bank-accounts`;
    existingSeller(await sellers.seller(sellerId), sellerId);
    const request = { kind: 'bank_account', subject, payload: action, reason } as const;
    const result = submittedOrThrow(await proposals.submit(request, who(caller)));
    if (result.kind === 'proposed') return { proposal: proposalJson(result.proposal) };
    return { account: bankAccountJson(existingAccount(await sellers.bankAccount(sellerId, result.id))) };
  };
  const proposed = json(202, 'Proposed: it waits for a second person.', ProposalSchema);

  app.openapi(
    createRoute({
      method: 'get',
      path,
      operationId: 'listBankAccounts',
      summary: 'Bank accounts of a seller, oldest first, archived ones included',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(pageFields(UUID_KEY)), params: sellerParams },
      responses: { ...pageResponse(BankAccountSchema, 'BankAccountPage'), ...problems(404) },
    }),
    async (c) => {
      const { sellerId } = c.req.valid('param');
      const found = await sellers.bankAccounts(sellerId, pageAsk(c.req.valid('query')));
      return c.json(pageJson(existingSeller(found, sellerId), bankAccountJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path,
      operationId: 'addBankAccount',
      summary: 'Add a bank account; with a second person it is a proposal',
      tags,
      ...requires('admin'),
      request: { query: NO_QUERY, params: sellerParams, body: jsonBody(NewBankAccount) },
      responses: {
        ...json(201, 'Added.', BankAccountSchema),
        ...proposed,
        ...problems(404, 409, 413, 415),
      },
    }),
    async (c) => {
      const { sellerId } = c.req.valid('param');
      const { reason, ...details } = c.req.valid('json');
      const faults = accountFaults(details);
      if (faults.length > 0) throw faultsProblem(faults);
      const action = { action: 'add', id: newId(), ...details } as const;
      const result = await submit(sellerId, action, reason, c.get('caller'));
      return 'proposal' in result ? c.json(result.proposal, 202) : c.json(result.account, 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: `${path}/{bankAccountId}/make-default`,
      operationId: 'makeDefaultBankAccount',
      summary: 'Ask to pay to this account from now on; with a second person it is a proposal',
      tags,
      ...requires('admin'),
      request: { query: NO_QUERY, params, body: jsonBody(AccountReason) },
      responses: {
        ...json(200, 'It is the default.', BankAccountSchema),
        ...proposed,
        ...problems(404, 409, 413, 415),
      },
    }),
    async (c) => {
      const { sellerId, bankAccountId: id } = c.req.valid('param');
      existingAccount(await sellers.bankAccount(sellerId, id));
      const action = { action: 'make_default', id } as const;
      const result = await submit(sellerId, action, c.req.valid('json').reason, c.get('caller'));
      return 'proposal' in result ? c.json(result.proposal, 202) : c.json(result.account, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: `${path}/{bankAccountId}/archive`,
      operationId: 'archiveBankAccount',
      summary: 'Archive a bank account: later documents do not name it',
      tags,
      ...requires('admin'),
      request: { query: NO_QUERY, params, body: jsonBody(AccountReason) },
      responses: { ...json(200, 'Archived.', BankAccountSchema), ...problems(404, 413, 415) },
    }),
    async (c) => {
      const { sellerId, bankAccountId } = c.req.valid('param');
      const { reason } = c.req.valid('json');
      const archived = await sellers.archiveBankAccount(
        sellerId,
        bankAccountId,
        reason,
        who(c.get('caller')),
      );
      return c.json(bankAccountJson(existingAccount(archived)), 200);
    },
  );
}

function existingAccount<T>(found: T | null): T {
  if (found !== null) return found;
  throw fieldProblem(404, 'bankAccountId', 'does not exist', "see the seller's bank accounts");
}

function bankAccountJson({ createdAtMs, archivedAtMs, ...rest }: BankAccountRecord) {
  return {
    ...rest,
    createdAt: isoTimestamp(createdAtMs),
    archivedAt: isoTimestampOrNull(archivedAtMs),
  };
}

/** A ledger whose tables of sellers, and of what belongs to them, have rows. */

import { v7 } from 'uuid';
import type { LedgerDb } from '../../src/adapters/postgres/connection/db.ts';
import { bankAccountAction } from '../../src/adapters/postgres/seller/bank-account-action.ts';
import { postgresSellers } from '../../src/adapters/postgres/seller/books.ts';
import type { Actor } from '../../src/admin/port.ts';
import { DAMAGES_RULE } from '../../src/seller/defaults.ts';
import { UNKNOWN_PARTY } from '../../src/seller/party.ts';
import { X_CLAUSES } from '../../src/seller/x-clauses.ts';
import { pngOf } from '../support/png.ts';
import { minute } from './tampered-ledger.ts';

/** The client `quiet` must exist. */
export async function fillSellers(db: LedgerDb, who: Actor): Promise<void> {
  const store = postgresSellers(db);
  const { validFromMs: _, ...rule } = DAMAGES_RULE;
  const account = { ...{ iban: null, bic: null, bankName: null, holder: 'x' }, currency: 'USD' };
  const payload = {
    action: 'add',
    id: v7(),
    ...account,
    accountNumber: '1',
    routingNumber: '2',
    isDefault: true,
  };
  const request = { kind: 'bank_account', subject: 'sellers/default/bank-accounts', reason: 'x' } as const;
  await db.transaction((tx) => bankAccountAction.run(tx, { ...request, payload }, { ...who, tokenId: null }));
  await store.setLogo('default', { type: 'image/png', bytes: pngOf() }, who);
  await store.addTaxRule({ ...rule, id: v7(), sellerId: 'default', validFromMs: minute(1) }, who);
  await store.addClause({ ...X_CLAUSES[0]!, id: 'own', family: 'own' }, 'x', who);
  const party = { ...UNKNOWN_PARTY, legalName: 'Parent' };
  await store.addCoDebtor({ id: v7(), clientId: 'quiet', party, ground: 'x', fromMs: minute(1) }, 'x', who);
  await store.setDunningLevels('default', [{ daysAfterDue: 3, title: {}, text: {}, isAutomatic: true }], who);
}

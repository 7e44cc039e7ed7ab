/** An e-invoice made from the ledger states what the ledger contains. */

import { v7 } from 'uuid';
import { expect, it } from 'vitest';
import { sha256 } from '../../../../src/adapters/crypto/sha256.ts';
import { documentLedger } from '../../../../src/adapters/postgres/document/store.ts';
import { DocumentMaker } from '../../../../src/document/maker.ts';
import { nodePress } from '../../../../src/entry/documents/press.ts';
import { readEInvoice } from '../../../document/e-invoice/reader.ts';
import { documentOf, issueDocument } from '../../../document/issued.ts';
import { emptyLedger } from '../empty-ledger.ts';

it('is stored with its PDF, and lacks nothing of the invoice', { timeout: 60_000 }, async () => {
  const empty = await emptyLedger('pglite', 'e-invoice');
  const { db } = empty.ledger;
  const { seller, buyer } = documentOf(1);
  const parties = { seller: { ...seller, registerId: '0802' }, buyer: { ...buyer, country: 'NL' } };
  const id = await issueDocument(db, 1, documentOf(1, { ...parties, eInvoice: 'facturx' }));
  const ledger = documentLedger(db);
  const deps = { ledger, press: nodePress(), sha256, newId: v7, nowMs: () => Date.UTC(2026, 2, 1) };
  const outcomes = await new DocumentMaker(deps).makeWanted(`invoices/${id}`, 'billing');
  expect(outcomes.map(({ kind }) => kind)).toEqual(['made', 'made']);
  const [cii, pdf] = await ledger.list(`invoices/${id}`);
  const xml = new TextDecoder().decode((await ledger.byId(cii!.id))!.bytes);
  expect(readEInvoice(xml)).toMatchObject({
    ...{ number: 'PM-1', net: '15000.02', payable: '15000.02', category: 'O', dueOn: '2026-03-31' },
    ...{
      reference: 'RF30PM000017',
      seller: { name: 'X Corp.' },
      buyer: { name: 'Globex BV', country: 'NL' },
    },
    lines: [{ amount: '15000.02', quantity: '1000001', price: '15000.00', base: '1000000' }],
  });
  const drawn = Buffer.from((await ledger.byId(pdf!.id))!.bytes).toString('latin1');
  expect(drawn).toContain('factur-x.xml');
  await empty.drop();
});

/** A real invoice of a real breach: its documents show what the seal covers, whatever arrives afterwards. */

import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sha256 } from '../../../../src/adapters/crypto/sha256.ts';
import { documentLedger } from '../../../../src/adapters/postgres/document/store.ts';
import { DocumentMaker } from '../../../../src/document/maker.ts';
import { nodePress } from '../../../../src/entry/documents/press.ts';
import { completeSeller } from '../../../support/sellers.ts';
import { LedgerAtWork, MINUTE, minute, SMALL, usageAt } from '../../../verify/tampered-ledger.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let empty: EmptyLedger;
let work: LedgerAtWork;
beforeAll(async () => {
  empty = await emptyLedger(LEDGER_KINDS[0], 'documents-as-issued');
  work = new LedgerAtWork(empty.ledger.db, false);
  await completeSeller(empty.ledger.db);
});
afterAll(() => empty.drop());

it('the same bytes are drawn again after late usage, a moved key and another gap', async () => {
  const { db } = empty.ledger;
  await work.client('acme', SMALL);
  await work.client('other', null);
  await work.identifier('acme', 'acme-key');
  await work.take('gateway-1', [usageAt('acme', -4, 7), usageAt('acme', 0, 60), usageAt('acme', 2, 90)]);
  await work.bill(minute(20));
  await work.issue('acme', minute(21));
  const ledger = documentLedger(db);
  const maker = new DocumentMaker({ ledger, press: nodePress(), sha256, newId: v7, nowMs: () => minute(22) });
  const [subject = ''] = await ledger.unmade(0, 0, 10);
  const [made] = await maker.makeWanted(subject, 'billing');
  if (made?.kind !== 'made') throw new Error(`not made: ${made?.kind}`);
  const { document } = made;
  expect(Buffer.from(document.bytes.subarray(0, 5)).toString()).toBe('%PDF-');

  const basis = await ledger.claim(subject.slice('invoices/'.length));
  expect(basis?.claim).toMatchObject({
    breach: { posts: 150, peakPosts: 150, state: 'closed' },
    identifiers: [{ kind: 'api_key', hint: 'hint', posts: 150 }],
    seal: { contentHash: document.contentHash },
  });

  await work.take('gateway-1', [usageAt('acme', 1, 500)]);
  await work.take('gateway-2', [usageAt('acme', -2, 5)]);
  await work.move(
    {
      identifierId: 'acme-key',
      fromMs: minute(-10),
      untilMs: null,
      fromClientId: 'acme',
      toClientId: 'other',
    },
    minute(40),
  );
  await work.bill(minute(60) + MINUTE);
  expect(Buffer.from((await maker.again(document))!).equals(document.bytes)).toBe(true);
});

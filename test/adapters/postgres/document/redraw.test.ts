import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { sha256 } from '../../../../src/adapters/crypto/sha256.ts';
import { documentLedger } from '../../../../src/adapters/postgres/document/store.ts';
import { DocumentError } from '../../../../src/document/document-error.ts';
import { DocumentMaker } from '../../../../src/document/maker.ts';
import type { DocumentPress } from '../../../../src/document/port.ts';
import { type Redrawn, redrawnDocuments } from '../../../../src/document/redraw.ts';
import { documentOf, issueDocument, jsonPress } from '../../../document/issued.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describe.each(LEDGER_KINDS)('stored documents on %s', (kind) => {
  let empty: EmptyLedger;
  const makerOf = (press: DocumentPress) =>
    new DocumentMaker({ ledger: documentLedger(empty.ledger.db), press, sha256, newId: v7, nowMs: () => 0 });
  const kinds = async (press: DocumentPress): Promise<Redrawn['kind'][]> => {
    const found: Redrawn['kind'][] = [];
    for await (const one of redrawnDocuments(documentLedger(empty.ledger.db), makerOf(press), sha256))
      found.push(one.kind);
    return found;
  };

  beforeAll(async () => {
    empty = await emptyLedger(kind, 'redraw');
    for (const number of [1, 2]) {
      const invoiceId = await issueDocument(empty.ledger.db, number, documentOf(number));
      await makerOf(jsonPress()).makeWanted(`invoices/${invoiceId}`, 'billing');
    }
  });
  afterAll(() => empty.drop());

  test('are the same if the same template draws them', async () => {
    expect(await kinds(jsonPress())).toEqual(['same', 'same']);
  });

  test('differ if the program draws other bytes under the same template', async () => {
    expect(await kinds({ ...jsonPress(), pdf: async () => new Uint8Array([1]) })).toEqual([
      'differs',
      'differs',
    ]);
  });

  test('differ if they can no longer be drawn', async () => {
    const error = new DocumentError('characters_missing', [
      { field: 'buyer.legalName', reason: 'has a character that no font has', hint: 'spell it otherwise' },
    ]);
    expect(await kinds({ ...jsonPress(), pdf: () => Promise.reject(error) })).toEqual(['differs', 'differs']);
  });

  test('are left out if another template drew them', async () => {
    expect(await kinds({ ...jsonPress(), template: 99 })).toEqual(['left_out', 'left_out']);
  });
});

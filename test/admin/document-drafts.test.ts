/** The preview of a draft and the letter before action: drawn from current usage, and never an invoice. */

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { coDebtors } from '../../src/adapters/postgres/seller/tables.ts';
import { completeSeller } from '../support/sellers.ts';
import { LedgerAtWork, minute, SMALL, usageAt } from '../verify/tampered-ledger.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let rig: ApiRig;
let path: string;
const mails: { readonly to: string; readonly subject: string }[] = [];

beforeAll(async () => {
  rig = await apiRig('pglite', 'document-drafts');
  const work = new LedgerAtWork(rig.db, false);
  await work.client('acme', SMALL);
  await work.identifier('acme', 'acme-key');
  await work.take('gateway-1', [usageAt('acme', 0, 60), usageAt('acme', 2, 90)]);
  rig.nowMs = minute(1);
  await work.bill(rig.nowMs);
  path = `/v1/invoices/${(await rig.call('GET', '/v1/invoices')).json.items[0].id}`;
  rig.mail = async ({ to, subject }) => {
    mails.push({ to, subject });
    return { status: 250, retryAfter: null, head: '250 OK' };
  };
});
afterAll(() => rig.close());

it('says what the seller lacks, before anything is drawn', async () => {
  const answer = await rig.call('GET', `${path}/preview`);
  expect(answer.json).toMatchObject({
    ...{ status: 409, code: 'document_refused' },
    errors: [{ field: 'seller.legalName', hint: expect.stringContaining('/v1/sellers/default') }],
  });
  await completeSeller(rig.db);
});

it('a preview is drawn from the current usage, marked as a draft, and not stored', async () => {
  const answer = await rig.call('GET', `${path}/preview?language=fr`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-disposition')).toBe('inline; filename="acme-draft-fr.pdf"');
  const { claim, ...input } = JSON.parse(answer.text.slice('%PDF 1 '.length));
  expect(input).toMatchObject({ kind: 'invoice', isDraft: true, copy: 1, facturX: null, language: 'fr' });
  expect(claim).toMatchObject({
    ...{ seal: null, issuedBy: null },
    document: { displayNumber: '', paymentReference: '', net: '150.00', payable: '150.00' },
    breach: { posts: 150, peakPosts: 150 },
    identifiers: [{ kind: 'api_key', hint: 'hint', posts: 150 }],
    usage: [
      [minute(0), 60],
      [minute(2), 90],
    ],
    chart: { thresholds: expect.arrayContaining([expect.objectContaining({ threshold: 100 })]) },
  });
  expect((await rig.call('GET', `${path}/documents`)).json).toEqual({ items: [], missing: [], sendings: [] });
});

it('a letter before action is stored for each debtor, below its draft, and mailed by its id', async () => {
  await rig.db.insert(coDebtors).values({
    ...{ id: '00000000-0000-7000-8000-0000000000aa', clientId: 'acme', legalName: 'Acme Proxy Ltd' },
    ...{ email: 'law@proxy.example', ground: 'Operates the proxies.', reason: 'x' },
    ...{ fromAt: new Date(0), createdAt: new Date(0), createdBy: 'test' },
  });
  const made = await rig.call('POST', `${path}/letters`, { json: { answerBy: '2026-03-20' } });
  expect(made.status).toBe(201);
  expect(made.json.items).toMatchObject([
    { kind: 'letter', copy: 1, fileName: 'acme-letter-en.pdf', contentHash: null },
    { kind: 'letter', copy: 2, fileName: 'acme-letter-en-copy-2.pdf' },
  ]);
  expect((await rig.call('GET', `${path}/documents`)).json.items).toEqual(made.json.items);
  const file = await rig.call('GET', `${path}/documents/${made.json.items[1].id}`);
  expect(JSON.parse(file.text.slice('%PDF 1 '.length))).toMatchObject({
    ...{ kind: 'letter', copy: 2, writtenOn: '2026-03-01', answerBy: '2026-03-20' },
  });
  for (const { id } of made.json.items) {
    const sent = await rig.call('POST', `${path}/send`, { json: { channel: 'mail', documentId: id } });
    expect(sent.json.items).toMatchObject([{ outcome: 'sent' }]);
  }
  expect(mails).toEqual([
    { to: 'ap@acme.example', subject: 'Letter before action from Example Social, Inc.' },
    { to: 'law@proxy.example', subject: 'Letter before action from Example Social, Inc.' },
  ]);
  const late = await rig.call('POST', `${path}/letters`, { json: { answerBy: '2026-02-28' } });
  expect(late.json).toMatchObject({ status: 400, errors: [{ field: 'answerBy', reason: 'has passed' }] });
});

it('a draft has no documents to make or send', async () => {
  for (const [action, json] of [
    ['documents', {}],
    ['send', { channel: 'mail' }],
  ] as const) {
    const answer = await rig.call('POST', `${path}/${action}`, { json });
    expect(answer.json).toMatchObject({
      status: 409,
      errors: [{ reason: expect.stringContaining('is not issued') }],
    });
  }
});

/** Documents are made once, by any number of processes, and kept as they were made. */

import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../../../src/adapters/crypto/sha256.ts';
import { rowsOf, sqlStateOf } from '../../../../src/adapters/postgres/connection/db.ts';
import { documentLedger } from '../../../../src/adapters/postgres/document/store.ts';
import { DocumentError } from '../../../../src/document/document-error.ts';
import { DocumentJob } from '../../../../src/document/job.ts';
import { DocumentMaker } from '../../../../src/document/maker.ts';
import type { DocumentLedger, DocumentPress, Sending } from '../../../../src/document/port.ts';
import { hexOf } from '../../../../src/invoice/seal.ts';
import { CO_DEBTOR, documentOf, issueDocument, jsonPress } from '../../../document/issued.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 13);
const HOUR_MS = 3_600_000;

describe.each(LEDGER_KINDS)('documents on %s', (kind) => {
  let empty: EmptyLedger;
  let ledger: DocumentLedger;
  let number = 0;
  beforeAll(async () => {
    empty = await emptyLedger(kind, 'documents');
    ledger = documentLedger(empty.ledger.db);
  });
  afterAll(() => empty.drop());

  const issue = (changes: Parameters<typeof documentOf>[1] = {}) =>
    issueDocument(empty.ledger.db, ++number, documentOf(number, changes));
  const makerOf = (press: DocumentPress = jsonPress(), nowMs = NOW_MS, of = ledger) =>
    new DocumentMaker({ ledger: of, press, sha256, newId: v7, nowMs: () => nowMs });
  const jobOf = (press?: DocumentPress, of = ledger) => {
    const refused: string[] = [];
    const errors: unknown[] = [];
    const job = new DocumentJob({
      ledger: of,
      maker: makerOf(press, NOW_MS, of),
      onRefusal: ({ error }) => refused.push(error.code),
      onError: (error) => errors.push(error),
    });
    return { job, refused, errors };
  };
  const pdf = (language: 'en' | 'de', copy = 1) => ({ format: 'pdf', language, copy }) as const;

  it('makes a PDF for each debtor and the e-invoice of the buyer, once', async () => {
    const id = await issue({ coDebtors: [CO_DEBTOR], eInvoice: 'facturx', language: 'de' });
    const { job, errors } = jobOf();
    await job.run(NOW_MS);
    await job.run(NOW_MS);
    expect(errors).toEqual([]);
    const list = await ledger.list(`invoices/${id}`);
    expect(list.map(({ fileName, format, copy, madeBy }) => [fileName, format, copy, madeBy])).toEqual([
      [`PM-${number}-cii.xml`, 'cii', 1, 'billing'],
      [`PM-${number}-de.pdf`, 'pdf', 1, 'billing'],
      [`PM-${number}-de-copy-2.pdf`, 'pdf', 2, 'billing'],
    ]);
    const file = await ledger.byId(list[1]!.id);
    expect(hexOf(sha256(file!.bytes))).toBe(file!.sha256);
    expect(file!.size).toBe(file!.bytes.length);
    const text = new TextDecoder().decode(file!.bytes);
    expect(text).toContain(`"facturX":"<cii>PM-${number}</cii>"`);
    expect(text).toContain('"amountMinor":"1500002"');
    expect(await ledger.unmade(0, 0, 10)).toEqual([]);
  });

  it('two runners at once store each document once', async () => {
    const ids = await Promise.all([issue(), issue(), issue()]);
    const other = documentLedger((await empty.another()).db);
    const [one, two] = [jobOf(), jobOf(undefined, other)];
    await Promise.all([one.job.run(NOW_MS), two.job.run(NOW_MS)]);
    expect([...one.errors, ...two.errors]).toEqual([]);
    for (const id of ids) expect(await ledger.list(`invoices/${id}`)).toHaveLength(1);
  });

  it('a process that ends between making and storing leaves the document to the next run', async () => {
    const id = await issue({ coDebtors: [CO_DEBTOR] });
    let stores = 0;
    const dying: DocumentLedger = {
      ...ledger,
      add: (made) => (++stores === 2 ? Promise.reject(new Error('killed')) : ledger.add(made)),
    };
    const killed = jobOf(undefined, dying);
    await killed.job.run(NOW_MS);
    expect(killed.errors).toHaveLength(1);
    expect(await ledger.list(`invoices/${id}`)).toHaveLength(1);
    await killed.job.run(NOW_MS);
    expect((await ledger.list(`invoices/${id}`)).map(({ copy }) => copy)).toEqual([1, 2]);
  });

  it('keeps a refusal with its code, tries again after six hours, and forgets it once the document is made', async () => {
    const id = await issue({ eInvoice: 'ubl' });
    const fault = { field: 'buyer.city', reason: 'is missing', hint: 'add it to the client' };
    const refusing: DocumentPress = {
      ...jsonPress(),
      eInvoice: () => Promise.reject(new DocumentError('e_invoice_refused', [fault])),
    };
    const { job, refused } = jobOf(refusing);
    await job.run(NOW_MS);
    await job.run(NOW_MS + HOUR_MS);
    expect(refused).toEqual(['e_invoice_refused']);
    const subject = `invoices/${id}`;
    expect(await ledger.failures(subject)).toMatchObject([
      { format: 'ubl', code: 'e_invoice_refused', detail: 'buyer.city is missing: add it to the client' },
    ]);
    expect((await ledger.list(subject)).map(({ format }) => format)).toEqual(['pdf']);
    await jobOf().job.run(NOW_MS + 7 * HOUR_MS);
    expect(await ledger.failures(subject)).toEqual([]);
    expect((await ledger.list(subject)).map(({ format }) => format)).toEqual(['pdf', 'ubl']);
  });

  it('makes another language on demand, refuses a copy that no debtor gets, and draws the same bytes again', async () => {
    const subject = `invoices/${await issue()}`;
    const maker = makerOf();
    const made = await maker.make(subject, pdf('de'), 'ann');
    const again = await maker.make(subject, pdf('de'), 'bob');
    expect([made, again]).toMatchObject([
      { kind: 'made', isNew: true, document: { madeBy: 'ann', language: 'de' } },
      { kind: 'made', isNew: false, document: { madeBy: 'ann' } },
    ]);
    expect(await maker.make(subject, pdf('de', 2), 'ann')).toEqual({ kind: 'no_such_copy', copies: 1 });
    expect(await maker.make(`invoices/${v7()}`, pdf('de'), 'ann')).toEqual({ kind: 'not_found' });
    const file = made.kind === 'made' ? made.document : null;
    expect(Buffer.from((await maker.again(file!))!)).toEqual(Buffer.from(file!.bytes));
    expect(await makerOf(jsonPress(2)).again(file!)).toBeNull();
  });

  it('a new template adds a document and leaves the old one', async () => {
    const subject = `invoices/${await issue()}`;
    await makerOf().make(subject, pdf('en'), 'ann');
    const outcome = await makerOf(jsonPress(2), NOW_MS + HOUR_MS).make(subject, pdf('en'), 'ann');
    expect(outcome).toMatchObject({ kind: 'made', isNew: true, document: { template: 2 } });
    expect((await ledger.list(subject)).map(({ template }) => template)).toEqual([1, 2]);
    expect((await ledger.find({ subject, kind: 'invoice', ...pdf('en') }))?.template).toBe(2);
  });

  it('makes the letter of a dunning with the balance of its day', async () => {
    const { db } = empty.ledger;
    const id = await issue({ coDebtors: [CO_DEBTOR] });
    const dunning = v7();
    await db.execute(sql`insert into dunnings (id, invoice_id, level, at, actor)
      values (${dunning}, ${id}, 2, '2026-04-14T00:00:00Z', 'billing')`);
    await db.execute(sql`insert into dunning_levels (seller_id, level, days_after_due, title, text, is_automatic, updated_at)
      values ('default', 2, 14, '{"en": "Second reminder"}', '{"en": "Please pay."}', true, now())`);
    const { job, errors } = jobOf();
    await job.run(NOW_MS);
    expect(errors).toEqual([]);
    const [first, second] = await ledger.list(`dunnings/${dunning}`);
    expect([first?.fileName, second?.fileName]).toEqual([
      `PM-${number}-reminder-2-en.pdf`,
      `PM-${number}-reminder-2-en-copy-2.pdf`,
    ]);
    const text = new TextDecoder().decode((await ledger.byId(first!.id))!.bytes);
    expect(text).toContain('"title":"Second reminder","text":"Please pay."');
    expect(text).toContain('"balanceMinor":"1500002"');
    expect(await makerOf().make(`dunnings/${dunning}`, { ...pdf('en'), format: 'ubl' }, 'ann')).toEqual({
      kind: 'pdf_only',
    });
  });

  it('keeps each attempt to send a document; documents and sendings are final', async () => {
    const subject = `invoices/${await issue()}`;
    const outcome = await makerOf().make(subject, pdf('en'), 'ann');
    const documentId = outcome.kind === 'made' ? outcome.document.id : '';
    const sending: Sending = {
      id: v7(),
      documentId,
      channel: 'mail',
      address: 'ap@globex.example',
      atMs: NOW_MS,
      actor: 'ann',
      outcome: 'sent',
      status: 250,
      detail: '250 OK',
    };
    await ledger.addSending(sending);
    expect(await ledger.sendings(subject)).toEqual([sending]);
    for (const statement of [
      sql`update documents set sha256 = 'x'`,
      sql`delete from documents`,
      sql`update sendings set outcome = 'failed'`,
      sql`delete from sendings`,
    ]) {
      const error = await rowsOf(empty.ledger.db, statement).then(
        () => null,
        (cause: unknown) => cause,
      );
      expect(sqlStateOf(error)).toMatch(/^23001$|^P0001$/);
    }
  });
});

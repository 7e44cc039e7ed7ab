/** The routes of documents: list, file, making and sending, by mail and to a webhook. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { v7 } from 'uuid';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { sealerOf } from '../../src/adapters/crypto/sealer.ts';
import { sha256 } from '../../src/adapters/crypto/sha256.ts';
import { smtpMailer } from '../../src/adapters/node/notify/mailer.ts';
import { alertStore } from '../../src/adapters/postgres/notify/alert-store.ts';
import { hexOf } from '../../src/invoice/seal.ts';
import { CO_DEBTOR, documentOf, issueDocument } from '../document/issued.ts';
import { type ApiRig, apiRig, SECRET } from './api-rig.ts';
import { signIn } from './console-rig.ts';

let rig: ApiRig;
let number = 0;
const mails: { readonly to: string; readonly text: string }[] = [];
let refusal: string | null = null;
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onRcptTo: (_address, _session, done) =>
    done(refusal === null ? null : Object.assign(new Error(refusal), { responseCode: 550 })),
  onData: (stream, session, done) => {
    text(stream).then((body) => {
      mails.push({ to: session.envelope.rcptTo.map(({ address }) => address).join(), text: body });
      done();
    }, done);
  },
});

beforeAll(async () => {
  rig = await apiRig('pglite', 'documents');
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  const { port } = server.server.address() as AddressInfo;
  rig.mail = smtpMailer({ url: `smtp://127.0.0.1:${port}`, from: 'postmeter@example.com' });
});
afterEach(() => {
  mails.length = 0;
  refusal = null;
});
afterAll(async () => {
  await new Promise<void>((done) => server.close(() => done()));
  await rig.close();
});

const issue = async (changes: Parameters<typeof documentOf>[1] = {}) => {
  number += 1;
  return `/v1/invoices/${await issueDocument(rig.db, number, documentOf(number, changes))}`;
};

it('says what is missing, makes it, and lists it', async () => {
  const path = await issue({ coDebtors: [CO_DEBTOR], language: 'fr' });
  const before = await rig.call('GET', `${path}/documents`);
  expect(before.json).toEqual({
    items: [],
    missing: [
      { format: 'pdf', language: 'fr', copy: 1, failure: null },
      { format: 'pdf', language: 'fr', copy: 2, failure: null },
    ],
    sendings: [],
  });
  const made = await rig.call('POST', `${path}/documents`, { json: {} });
  const again = await rig.call('POST', `${path}/documents`, { json: { language: 'fr' } });
  expect([made.status, again.status]).toEqual([201, 200]);
  expect(again.json).toEqual(made.json);
  expect(made.json).toMatchObject({
    ...{ kind: 'invoice', format: 'pdf', language: 'fr', copy: 1, template: 1, madeBy: 'ADMIN_TOKEN' },
    ...{ fileName: `PM-${number}-fr.pdf`, subject: path.slice('/v1/'.length) },
  });
  const after = await rig.call('GET', `${path}/documents`);
  expect(after.json.items).toEqual([made.json]);
  expect(after.json.missing).toMatchObject([{ copy: 2 }]);
});

it('serves the file with its hash as the ETag', async () => {
  const path = await issue();
  const { json } = await rig.call('POST', `${path}/documents`, { json: { language: 'es' } });
  const file = await rig.call('GET', `${path}/documents/${json.id}`, {
    headers: { accept: 'application/pdf' },
  });
  expect(file.status).toBe(200);
  expect(file.headers.get('content-type')).toBe('application/pdf');
  expect(file.headers.get('content-disposition')).toBe(`inline; filename="PM-${number}-es.pdf"`);
  expect(file.headers.get('etag')).toBe(`"${json.sha256}"`);
  expect(hexOf(sha256(new TextEncoder().encode(file.text)))).toBe(json.sha256);
  const headers = { 'if-none-match': `"other", "${json.sha256}"` };
  expect((await rig.call('GET', `${path}/documents/${json.id}`, { headers })).status).toBe(304);
  const other = await issue();
  expect((await rig.call('GET', `${other}/documents/${json.id}`)).json).toMatchObject({
    ...{ status: 404, errors: [{ field: 'documentId', reason: 'does not exist' }] },
  });
  const wrong = await rig.call('GET', `${path}/documents/${json.id}`, { headers: { accept: 'text/csv' } });
  expect(wrong.status).toBe(406);
});

it.each([
  ['an unknown invoice', `/v1/invoices/${v7()}`, {}, 404, 'invoiceId'],
  ['a copy that no debtor gets', null, { copy: 2 }, 400, 'copy'],
  ['an unknown language', null, { language: 'it' }, 400, 'language'],
])('refuses %s', async (_name, given, json, status, field) => {
  const path = given ?? (await issue());
  const answer = await rig.call('POST', `${path}/documents`, { json });
  expect(answer.json).toMatchObject({ status, errors: [{ field }] });
  expect((await rig.call('GET', `${path}/documents`)).json.items ?? []).toEqual([]);
});

it('mails each debtor its own copy, and keeps both attempts', async () => {
  const path = await issue({ coDebtors: [CO_DEBTOR], language: 'de' });
  const sent = await rig.call('POST', `${path}/send`, { json: { channel: 'mail' } });
  expect(sent.json.items).toMatchObject([
    { channel: 'mail', address: 'ap@globex.example', outcome: 'sent', status: 250, actor: 'ADMIN_TOKEN' },
    { channel: 'mail', address: 'law@proxy.example', outcome: 'sent', status: 250 },
  ]);
  expect(mails.map(({ to }) => to)).toEqual(['ap@globex.example', 'law@proxy.example']);
  expect(mails[0]!.text).toMatch(new RegExp(`^Subject: Dokument PM-${number} von X Corp\\.`, 'm'));
  expect(mails[0]!.text).toContain(`filename=PM-${number}-de.pdf`);
  expect(mails[1]!.text).toContain(`filename=PM-${number}-de-copy-2.pdf`);
  const list = (await rig.call('GET', `${path}/documents`)).json;
  expect(list.sendings).toEqual(sent.json.items);
  const file = await rig.call('GET', `${path}/documents/${list.items[0].id}`);
  const attached = mails[0]!.text.split(/\r\n\r\n/).find((part) => /^JVBER/.test(part)) ?? '';
  expect(Buffer.from(attached.split('\r\n--')[0]!, 'base64').toString()).toBe(file.text);
});

it('keeps a refusal of the mail server with its reply, and sends one document to another address', async () => {
  const path = await issue();
  refusal = 'No such mailbox';
  const refused = await rig.call('POST', `${path}/send`, {
    json: { channel: 'mail', address: 'x@y.example' },
  });
  expect(refused.json.items).toMatchObject([
    {
      address: 'x@y.example',
      outcome: 'failed',
      status: 550,
      detail: expect.stringContaining('No such mailbox'),
    },
  ]);
  refusal = null;
  const { documentId } = refused.json.items[0];
  const json = { channel: 'mail', address: 'z@y.example', documentId };
  expect((await rig.call('POST', `${path}/send`, { json })).json.items).toMatchObject([{ outcome: 'sent' }]);
  expect(mails.map(({ to }) => to)).toEqual(['z@y.example']);
  expect((await rig.call('GET', `${path}/documents`)).json.sendings).toHaveLength(2);
});

it('sends nothing if a debtor has no address', async () => {
  const path = await issue({ coDebtors: [{ ...CO_DEBTOR, email: null }] });
  const answer = await rig.call('POST', `${path}/send`, { json: { channel: 'mail' } });
  expect(answer.json).toMatchObject({
    status: 409,
    errors: [{ field: 'address', reason: 'is missing: Globex Proxy Ltd (copy 2) has no e-mail address' }],
  });
  expect(mails).toEqual([]);
});

it('posts the file to a webhook, signed as Standard Webhooks asks', async () => {
  const posted: { readonly headers: Record<string, string>; readonly body: string }[] = [];
  const receiver = createServer((request, response) => {
    text(request).then((body) => {
      posted.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(202).end('taken');
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const id = v7();
  const secrets = { address, signing: [{ text: secret, validUntilMs: null }] };
  await alertStore(rig.db).addReceiver(
    {
      ...{ id, name: 'erp', kind: 'webhook', events: ['invoice.*'], clientIds: null, isOn: true },
      sealed: await sealerOf(SECRET).seal(id, JSON.stringify(secrets)),
      shownAddress: 'erp.example',
    },
    { actor: 'test', atMs: Date.now() },
  );
  const path = await issue();
  const sent = await rig.call('POST', `${path}/send`, { json: { channel: 'webhook', receiverId: id } });
  receiver.close();
  expect(sent.json.items).toMatchObject([
    { channel: 'webhook', address: 'erp.example', outcome: 'sent', status: 202, detail: 'taken' },
  ]);
  const [{ headers, body }] = posted as [(typeof posted)[number]];
  const { type, data } = new Webhook(secret).verify(body, headers) as {
    type: string;
    data: Record<string, string>;
  };
  expect(type).toBe('document.sent');
  expect(hexOf(sha256(Buffer.from(data.content!, 'base64')))).toBe(data.sha256);
  const unknown = await rig.call('POST', `${path}/send`, { json: { channel: 'webhook', receiverId: v7() } });
  expect(unknown.json).toMatchObject({ status: 409, errors: [{ field: 'receiverId' }] });
});

it('the invoice page lists, makes and sends documents, and shows why one cannot be sent', async () => {
  const path = await issue({ language: 'de' });
  const page = path.slice('/v1'.length);
  const finance = await signIn(rig, await rig.tokenWith('finance'));
  expect((await finance.get(page)).text).toContain(
    'pdf in de, copy 1: it is made after the next billing run.',
  );
  expect((await finance.get(`${page}/documents`)).text).toContain('Make a document');
  const made = await finance.post(`${page}/documents`, { format: 'pdf', language: 'es', copy: '1' });
  expect([made.status, made.location]).toEqual([303, `${page}?done=documents`]);
  const refused = await finance.post(`${page}/documents`, { format: 'pdf', language: '', copy: '4' });
  expect(refused.status).toBe(400);
  expect(refused.text).toContain('Copy does not exist: the document has 1: use 1 to 1');
  expect((await finance.post(`${page}/send`, { address: '' })).status).toBe(303);
  const { text: shown } = await finance.get(page);
  const { items } = (await rig.call('GET', `${path}/documents`)).json;
  expect(items.map(({ language }: { language: string }) => language)).toEqual(['es', 'de']);
  for (const { id, fileName, sha256: hash } of items) {
    expect(shown).toContain(`<a href="${path}/documents/${id}">${fileName}</a>`);
    expect(shown).toContain(hash);
  }
  expect(shown).toContain('ap@globex.example (mail)');
  const viewer = await signIn(rig, await rig.tokenWith('viewer'));
  expect((await viewer.get(page)).text).not.toContain(`${page}/send`);
  expect((await viewer.post(`${page}/send`, {})).status).toBe(403);
});

it('a statement of account is drawn as a PDF with the parties of the newest invoice, and not stored', async () => {
  await issue({ language: 'es' });
  const path = '/v1/clients/globex/statement';
  const json = (await rig.call('GET', path)).json;
  const pdf = await rig.call('GET', `${path}?format=pdf&language=fr`);
  expect(pdf.status).toBe(200);
  expect(pdf.headers.get('content-type')).toBe('application/pdf');
  const drawn = JSON.parse(pdf.text.slice('%PDF 1 '.length));
  expect(drawn).toMatchObject({
    ...{ kind: 'statement', language: 'fr', currency: 'USD', fromOn: json.from, toOn: json.to },
    ...{ seller: { legalName: 'X Corp.' }, buyer: { legalName: 'Globex BV' } },
  });
  expect(drawn.statement.rows).toHaveLength(json.rows.length);
  const other = await rig.call('GET', `${path}?format=pdf&currency=EUR`);
  expect(other.json).toMatchObject({ status: 409, errors: [{ hint: 'use format=csv' }] });
});

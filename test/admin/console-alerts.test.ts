/** The pages of alerts, driven as a browser without script drives them. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeEvents } from '../../src/adapters/postgres/notify/write-events.ts';
import { type ApiRig, apiRig } from './api-rig.ts';
import { type ConsoleVisitor, signIn } from './console-rig.ts';

let rig: ApiRig;
let admin: ConsoleVisitor;
let viewer: ConsoleVisitor;
beforeAll(async () => {
  rig = await apiRig('pglite', 'console-alerts');
  await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
  admin = await signIn(rig);
  viewer = await signIn(rig, await rig.tokenWith('viewer'));
});
afterAll(() => rig.close());

const NEW = {
  name: 'SOC <b>',
  kind: 'webhook',
  address: 'https://hooks.example/x',
  events: 'client.*\nbreach.*',
  clients: '',
};

test('a receiver is added, tested, changed, switched off and removed, and its secret is shown once', async () => {
  expect((await admin.get('/alerts')).text).toContain('Nobody is told of anything yet');
  const added = await admin.post('/alerts', NEW);
  expect(added.status).toBe(200);
  const shown = added.text;
  expect(shown).toMatch(/whsec_/);
  const path = /\/alerts\/receivers\/[0-9a-f-]{36}/.exec(shown)![0];
  const list = await admin.get('/alerts');
  expect(list.text).toContain('SOC &lt;b&gt;');
  expect(list.text).not.toContain('whsec_');

  const done = async (fields: Record<string, string>, sentence: string) => {
    const answer = await admin.post(path, fields);
    expect(answer.status).toBe(303);
    const { status, text: html } = await admin.get(answer.location!);
    expect(status).toBe(200);
    expect(html).toContain(sentence);
    return html;
  };
  expect(await done({ action: 'test' }, 'A test is due now')).toContain('Test of the receiver SOC &lt;b&gt;');
  await done({ action: 'resend' }, 'due now');
  expect((await admin.post(path, { action: 'rotate' })).text).toMatch(/whsec_/);
  const saved = { action: 'save', name: 'Night shift', address: '', events: '*', clients: 'acme' };
  expect(await done(saved, 'The receiver is changed.')).toContain('Night shift');
  await done({ action: 'off' }, 'The receiver is off.');
  const refused = await admin.post(path, { action: 'test' });
  expect(refused.status).toBe(409);
  expect(refused.text).toContain('switch the receiver on first');
  await done({ action: 'on' }, 'The receiver is on.');
  expect((await admin.get(`${path}?confirm=remove`)).text).toContain('Remove the receiver');
  await done({ action: 'remove' }, 'The receiver is removed.');
});

test('what is wrong with a form is said beside the field, and the entered values stay', async () => {
  const refused = await admin.post('/alerts', {
    ...NEW,
    address: 'https://169.254.169.254/',
    events: 'invoice.paid',
  });
  expect(refused.status).toBe(400);
  const html = refused.text;
  expect(html).toContain('169.254.169.254');
  expect(html).toContain('matches no type of events');
  const levels = await admin.post('/alerts/levels', { client: '', levels: '80 high' });
  expect(levels.status).toBe(400);
  const unknown = await admin.post('/alerts/levels', { client: 'nobody', levels: '80' });
  expect(unknown.status).toBe(404);
  expect(unknown.text).toContain('value="nobody"');
});

test('levels are set for all and for one client', async () => {
  expect((await admin.post('/alerts/levels', { client: '', levels: '90, 100' })).status).toBe(303);
  expect((await admin.post('/alerts/levels', { client: 'acme', levels: '50 %' })).status).toBe(303);
  const { text: html } = await admin.get('/alerts/levels?done=set');
  expect(html).toContain('90 %, 100 %');
  expect(html).toContain('50 %');
  expect(html).toContain('The levels are set.');
});

test('events and messages are listed, and a message shows what was sent', async () => {
  await admin.post('/alerts', { ...NEW, name: 'later' });
  const data = { client: 'acme', amount: '1.00', currency: 'USD', reason: '<script>alert(1)</script>' };
  const event = { type: 'breach.opened', subject: 'breaches/1', clientId: 'acme', atMs: Date.now(), data };
  await rig.db.transaction((tx) => writeEvents(tx, [event]));
  const events = await admin.get('/alerts/events?type=breach.*');
  expect(events.text).toContain('A breach of acme has begun');
  const messages = await admin.get('/alerts/messages?state=due');
  expect(messages.text).toContain('A breach of acme has begun');
  const path = /\/alerts\/messages\/[0-9a-f-]{36}/.exec(messages.text)![0];
  expect((await admin.get(path)).text).toContain('No attempts yet');
  const again = await admin.post(path, {});
  expect(again.status).toBe(303);
  expect((await admin.get(again.location!)).text).toContain('The message is due now, with the same id.');
  expect((await admin.get('/alerts/messages?state=nonsense')).status).toBe(400);
  expect((await admin.get('/alerts/messages/01957a6e-0000-7000-8000-000000000000')).status).toBe(404);
});

test('a viewer sees everything and has no forms', async () => {
  for (const path of ['/alerts', '/alerts/levels', '/alerts/events', '/alerts/messages']) {
    const { status, text: html } = await viewer.get(path);
    expect(status).toBe(200);
    expect(html.match(/method="post"/g)).toHaveLength(1); // Sign out.
  }
  expect((await viewer.post('/alerts', NEW)).status).toBe(403);
});

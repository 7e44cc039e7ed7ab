/** The pages of alerts, driven as a browser without script drives them. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeEvents } from '../../src/adapters/postgres/notify/write-events.ts';
import { ADMIN_TOKEN, type ApiRig, apiRig } from './api-rig.ts';

let rig: ApiRig;
const cookies = new Map<string, string>();

beforeAll(async () => {
  rig = await apiRig('pglite', 'console-alerts');
  await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
  cookies.set('admin', await signIn(ADMIN_TOKEN));
  cookies.set('viewer', await signIn(await rig.tokenWith('viewer')));
});
afterAll(() => rig.close());

async function signIn(token: string): Promise<string> {
  const answer = await submit('/sign-in', { token });
  return answer.headers.get('set-cookie')!.split(';')[0]!;
}

function submit(path: string, fields: Record<string, string>, who = 'admin') {
  return fetch(rig.url + path, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: rig.url, cookie: cookies.get(who) ?? '' },
    body: new URLSearchParams(fields),
  });
}

async function look(path: string, who = 'admin') {
  const answer = await fetch(rig.url + path, { headers: { cookie: cookies.get(who)!, accept: 'text/html' } });
  return { status: answer.status, html: await answer.text() };
}

const NEW = {
  name: 'SOC <b>',
  kind: 'webhook',
  address: 'https://hooks.example/x',
  events: 'client.*\nbreach.*',
  clients: '',
};

test('a receiver is added, tested, changed, switched off and removed, and its secret is shown once', async () => {
  expect((await look('/alerts')).html).toContain('Nobody is told of anything yet');
  const added = await submit('/alerts', NEW);
  expect(added.status).toBe(200);
  const shown = await added.text();
  expect(shown).toMatch(/whsec_/);
  const path = /\/alerts\/receivers\/[0-9a-f-]{36}/.exec(shown)![0];
  const list = await look('/alerts');
  expect(list.html).toContain('SOC &lt;b&gt;');
  expect(list.html).not.toContain('whsec_');

  const done = async (fields: Record<string, string>, sentence: string) => {
    const answer = await submit(path, fields);
    expect(answer.status).toBe(303);
    const { status, html } = await look(answer.headers.get('location')!);
    expect(status).toBe(200);
    expect(html).toContain(sentence);
    return html;
  };
  expect(await done({ action: 'test' }, 'A test is due now')).toContain('Test of the receiver SOC &lt;b&gt;');
  await done({ action: 'resend' }, 'due now');
  expect(await (await submit(path, { action: 'rotate' })).text()).toMatch(/whsec_/);
  const saved = { action: 'save', name: 'Night shift', address: '', events: '*', clients: 'acme' };
  expect(await done(saved, 'The receiver is changed.')).toContain('Night shift');
  await done({ action: 'off' }, 'The receiver is off.');
  const refused = await submit(path, { action: 'test' });
  expect(refused.status).toBe(409);
  expect(await refused.text()).toContain('switch the receiver on first');
  await done({ action: 'on' }, 'The receiver is on.');
  expect((await look(`${path}?confirm=remove`)).html).toContain('Remove the receiver');
  await done({ action: 'remove' }, 'The receiver is removed.');
});

test('what is wrong with a form is said beside the field, and the entered values stay', async () => {
  const refused = await submit('/alerts', {
    ...NEW,
    address: 'https://169.254.169.254/',
    events: 'invoice.paid',
  });
  expect(refused.status).toBe(400);
  const html = await refused.text();
  expect(html).toContain('169.254.169.254');
  expect(html).toContain('matches no type of events');
  const levels = await submit('/alerts/levels', { client: '', levels: '80 high' });
  expect(levels.status).toBe(400);
  const unknown = await submit('/alerts/levels', { client: 'nobody', levels: '80' });
  expect(unknown.status).toBe(404);
  expect(await unknown.text()).toContain('value="nobody"');
});

test('levels are set for all and for one client', async () => {
  expect((await submit('/alerts/levels', { client: '', levels: '90, 100' })).status).toBe(303);
  expect((await submit('/alerts/levels', { client: 'acme', levels: '50 %' })).status).toBe(303);
  const { html } = await look('/alerts/levels?done=set');
  expect(html).toContain('90 %, 100 %');
  expect(html).toContain('50 %');
  expect(html).toContain('The levels are set.');
});

test('events and messages are listed, and a message shows what was sent', async () => {
  await submit('/alerts', { ...NEW, name: 'later' });
  const data = { client: 'acme', amount: '1.00', currency: 'USD', reason: '<script>alert(1)</script>' };
  const event = { type: 'breach.opened', subject: 'breaches/1', clientId: 'acme', atMs: Date.now(), data };
  await rig.db.transaction((tx) => writeEvents(tx, [event]));
  const events = await look('/alerts/events?type=breach.*');
  expect(events.html).toContain('A breach of acme has begun');
  const messages = await look('/alerts/messages?state=due');
  expect(messages.html).toContain('A breach of acme has begun');
  const path = /\/alerts\/messages\/[0-9a-f-]{36}/.exec(messages.html)![0];
  expect((await look(path)).html).toContain('No attempts yet');
  const again = await submit(path, {});
  expect(again.status).toBe(303);
  expect((await look(again.headers.get('location')!)).html).toContain(
    'The message is due now, with the same id.',
  );
  expect((await look('/alerts/messages?state=nonsense')).status).toBe(400);
  expect((await look('/alerts/messages/01957a6e-0000-7000-8000-000000000000')).status).toBe(404);
});

test('a viewer sees everything and has no forms', async () => {
  for (const path of ['/alerts', '/alerts/levels', '/alerts/events', '/alerts/messages']) {
    const { status, html } = await look(path, 'viewer');
    expect(status).toBe(200);
    expect(html.match(/method="post"/g)).toHaveLength(1); // Sign out.
  }
  expect((await submit('/alerts', NEW, 'viewer')).status).toBe(403);
});

/** Mail to a client: its own events alone, without links to the console and without names of people. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Mail } from '../../../../src/notify/port.ts';
import { CLIENT_EVENTS } from '../../../../src/notify/receiver.ts';
import { type AlertsRig, alertsRig } from './alerts-rig.ts';

let rig: AlertsRig;
beforeAll(async () => {
  rig = await alertsRig('pglite', 'client-mail');
});
afterAll(() => rig.empty.drop());

test('a client gets one mail about its events, and nothing that is internal', async () => {
  const settings = { kind: 'client' as const, events: CLIENT_EVENTS, clientIds: ['acme'] };
  await rig.receiver('ap@acme.example', settings);
  const data = { total: 1_200, threshold: 1_000, percent: 120, actor: 'jane', reason: 'secret plan' };
  await rig.event('client.crossed', { clientId: 'acme', data: { client: 'acme', ...data } });
  await rig.event('client.crossed', { clientId: 'globex', data: { client: 'globex', ...data } });
  await rig.event('hold.placed', { clientId: 'acme', data: { client: 'acme', ...data } });
  const sent: Mail[] = [];
  const mail = async (one: Mail) => {
    sent.push(one);
    return { status: 250, retryAfter: null, head: '' };
  };
  await rig.send(rig.sender());
  expect(sent).toEqual([]);
  await rig.send(rig.sender(rig.outbox, mail));
  expect(sent).toMatchObject([{ to: 'ap@acme.example' }]);
  const { subject, text, html } = sent[0]!;
  expect(subject).toContain('acme is over its threshold: 1,200 of 1,000 posts');
  for (const part of [text, html]) {
    expect(part).not.toMatch(/jane|secret plan|globex|\bhold\b|https?:/);
  }
  expect(rig.errors).toEqual([]);
});

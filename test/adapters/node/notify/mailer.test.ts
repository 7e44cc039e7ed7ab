/** The acceptance test E4: mail through a real SMTP server. */

import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { smtpMailer } from '../../../../src/adapters/node/notify/mailer.ts';
import { type AlertsRig, alertsRig, PAGE } from '../../postgres/notify/alerts-rig.ts';

const MINUTE_MS = 60_000;

let rig: AlertsRig;
const mails: { readonly to: string; readonly text: string }[] = [];
let refusals: { code: number; text: string }[] = [];
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onRcptTo: (_address, _session, done) => {
    const refusal = refusals.shift();
    done(
      refusal === undefined ? null : Object.assign(new Error(refusal.text), { responseCode: refusal.code }),
    );
  },
  onData: (stream, session, done) => {
    text(stream).then((body) => {
      mails.push({ to: session.envelope.rcptTo.map(({ address }) => address).join(), text: body });
      done();
    }, done);
  },
});

beforeAll(async () => {
  rig = await alertsRig('pglite', 'alerts-mail');
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
});
afterAll(async () => {
  await new Promise<void>((done) => server.close(() => done()));
  await rig.empty.drop();
});
beforeEach(() => {
  mails.length = 0;
  refusals = [];
  rig.nowMs += 10 * MINUTE_MS;
});

const sender = () => {
  const { port } = server.server.address() as AddressInfo;
  return rig.sender(
    rig.outbox,
    smtpMailer({ url: `smtp://127.0.0.1:${port}`, from: 'postmeter@example.com' }),
  );
};
const send = () => rig.send(sender());
const fresh = async () => {
  for (const { id } of (await rig.store.receivers(PAGE)).items) {
    await rig.store.removeReceiver(id, { actor: 'test', atMs: rig.nowMs });
  }
  return (await rig.receiver('finance@example.com', { kind: 'mail' })).id;
};
const states = async (receiverId: string) =>
  (await rig.store.messages({ receiverId }, PAGE)).items.map(({ state }) => state);

test('a mail has all events that are due, and the next one comes five minutes later', async () => {
  const id = await fresh();
  const data = { client: 'acme', amount: '24000.00', currency: 'USD' };
  for (const type of ['breach.opened', 'breach.closed']) await rig.event(type, { data });
  await send();
  await rig.event('breach.void', { data });
  await send();
  expect(mails).toHaveLength(1);
  expect(mails[0]!.to).toBe('finance@example.com');
  const unfolded = mails[0]!.text.replaceAll(/=\r\n/g, '');
  expect(unfolded).toMatch(/^From: postmeter@example\.com\r$/m);
  expect(unfolded).toMatch(/^Subject: \[Postmeter\] 2 alerts: A breach of acme has begun/m);
  expect(unfolded).toMatch(/^Message-ID: <[0-9a-f-]{36}@postmeter>\r$/m);
  expect(unfolded).toContain('amount: 24,000.00');
  expect(unfolded).toContain('text/html');
  expect(await states(id)).toEqual(['due', 'sent', 'sent']);
  rig.nowMs += 5 * MINUTE_MS;
  await send();
  expect(mails).toHaveLength(2);
  expect(await states(id)).toEqual(['sent', 'sent', 'sent']);
});

test('a refusal is logged with its code, and greylisting ends with a later attempt', async () => {
  const id = await fresh();
  refusals = [{ code: 451, text: 'greylisted, try again later' }];
  await rig.event('breach.opened');
  await send();
  const [message] = (await rig.store.messages({ receiverId: id }, PAGE)).items;
  expect(message).toMatchObject({
    state: 'failed',
    last: { status: 451, error: expect.stringContaining('greylisted') },
  });
  rig.nowMs += 5 * MINUTE_MS;
  await send();
  expect(await states(id)).toEqual(['sent']);
  expect(mails).toHaveLength(1);
});

test('a process without a mailer leaves mail to others', async () => {
  const id = await fresh();
  await rig.event('breach.opened');
  await rig.send();
  expect(await states(id)).toEqual(['due']);
});

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeEvents } from '../../../../src/adapters/postgres/notify/write-events.ts';
import type { MessageRecord } from '../../../../src/admin/alerts-port.ts';
import { LEDGER_KINDS } from '../empty-ledger.ts';
import { type AlertsRig, alertsRig, PAGE, START_MS } from './alerts-rig.ts';
import { isSignedWith, type Receiving, startReceiving } from './receiving.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe.each(LEDGER_KINDS)('messages on %s', (kind) => {
  let rig: AlertsRig;
  let receiving: Receiving;
  beforeAll(async () => {
    rig = await alertsRig(kind, `alerts-${kind}`);
    receiving = await startReceiving();
  });
  afterAll(async () => {
    await receiving.close();
    await rig.empty.drop();
    expect(rig.errors).toEqual([]);
  });

  /** A fresh receiver, so that tests do not see each other's messages. */
  async function fresh(answer = receiving.answer) {
    for (const { id } of (await rig.store.receivers(PAGE)).items) {
      await rig.store.removeReceiver(id, { actor: 'test', atMs: rig.nowMs });
    }
    receiving.got.length = 0;
    receiving.answer = answer;
    return rig.receiver(receiving.url);
  }
  const messagesOf = async (receiverId: string): Promise<readonly MessageRecord[]> =>
    (await rig.store.messages({ receiverId }, PAGE)).items;
  const who = () => ({ actor: 'operator', atMs: rig.nowMs });
  const noContent: Receiving['answer'] = (response) => void response.writeHead(204).end();

  test('an event of a transaction that is rolled back leaves nothing', async () => {
    const { id } = await fresh(noContent);
    const { db } = rig.empty.ledger;
    const event = {
      type: 'breach.opened',
      subject: 'tests/undone',
      clientId: null,
      atMs: START_MS,
      data: {},
    };
    await expect(
      db.transaction(async (tx) => {
        await writeEvents(tx, [event]);
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect((await rig.store.events({ subject: 'tests/undone' }, PAGE)).items).toEqual([]);
    expect(await messagesOf(id)).toEqual([]);
  });

  test('a receiver gets its events in order, signed, and the log has each attempt', async () => {
    const { id, secret } = await fresh(noContent);
    for (const type of ['breach.opened', 'breach.settled', 'breach.closed']) await rig.event(type);
    await rig.send();
    expect(receiving.got.map(({ body }) => JSON.parse(body).type)).toEqual([
      'breach.opened',
      'breach.settled',
      'breach.closed',
    ]);
    for (const got of receiving.got) expect(isSignedWith(secret, got)).toBe(true);
    const [newest] = await messagesOf(id);
    expect(newest).toMatchObject({
      state: 'sent',
      dueAtMs: null,
      attempts: 1,
      last: { status: 204, error: null },
    });
    const detail = await rig.store.message(newest!.id);
    expect(detail!.log).toMatchObject([
      {
        number: 1,
        status: 204,
        requestBody: receiving.got[2]!.body,
        requestHeaders: { 'webhook-id': newest!.id, 'content-type': 'application/json' },
      },
    ]);
    expect(JSON.stringify(detail)).not.toContain(secret);
    expect(await rig.store.receiver(id)).toMatchObject({
      waiting: 0,
      lastSentMs: rig.nowMs,
      failingSinceMs: null,
    });
  });

  test('a failing receiver is tried by the plan, given up, and reported to others', async () => {
    const other = await startReceiving();
    const { id } = await fresh((response) => void response.writeHead(500).end('down'));
    await rig.receiver(other.url, { events: ['message.given_up'] });
    await rig.event('breach.opened');
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 10; attempt++) {
      const startMs = rig.nowMs;
      await rig.send();
      const [message] = await messagesOf(id);
      expect(message).toMatchObject({ attempts: attempt, last: { status: 500 } });
      if (attempt === 1) {
        expect(await rig.store.receiver(id)).toMatchObject({
          waiting: 1,
          failingSinceMs: startMs,
          lastSentMs: null,
        });
      }
      waits.push((message!.dueAtMs ?? startMs) - startMs);
      rig.nowMs = message!.dueAtMs ?? rig.nowMs;
    }
    const hours = [2, 5, 10, 14, 20, 24].map((count) => count * HOUR_MS);
    expect(waits).toEqual([5_000, 5 * MINUTE_MS, 30 * MINUTE_MS, ...hours, 0]);
    expect(await messagesOf(id)).toMatchObject([{ state: 'given_up', dueAtMs: null }]);
    await rig.send();
    expect(receiving.got).toHaveLength(10);
    expect(new Set(receiving.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(other.got.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: 'message.given_up', data: { event: 'breach.opened', status: 500 } },
    ]);
    await other.close();
  });

  test('Retry-After is honoured', async () => {
    const { id } = await fresh((response) => void response.writeHead(429, { 'retry-after': '90' }).end());
    await rig.event('breach.opened');
    await rig.send();
    expect(await messagesOf(id)).toMatchObject([{ state: 'failed', dueAtMs: rig.nowMs + 90_000 }]);
  });

  test('410 switches the receiver off, and what waits is skipped until an operator sends it again', async () => {
    const { id } = await fresh((response) => void response.writeHead(410).end());
    for (const type of ['breach.opened', 'breach.settled']) await rig.event(type);
    await rig.send();
    expect(await rig.store.receiver(id)).toMatchObject({
      isOn: false,
      offReason: expect.stringContaining('410'),
    });
    expect((await messagesOf(id)).map(({ state }) => state)).toEqual(['skipped', 'given_up']);
    await rig.event('breach.closed');
    expect(await messagesOf(id)).toHaveLength(2);
    expect(await rig.store.resend((await messagesOf(id))[0]!.id, who())).toBe('receiver_off');
    receiving.answer = noContent;
    await rig.store.changeReceiver(id, 'receiver.changed', async (now) => ({ ...now, isOn: true }), who());
    expect(await rig.store.resendFailed(id, START_MS, who())).toBe(2);
    await rig.send();
    expect((await messagesOf(id)).map(({ state }) => state)).toEqual(['sent', 'sent']);
    expect(receiving.got).toHaveLength(3);
  });

  test('a message that was sent can be sent again with the same id', async () => {
    const { id } = await fresh(noContent);
    await rig.event('breach.opened');
    await rig.send();
    const [message] = await messagesOf(id);
    expect(await rig.store.resend(message!.id, who())).toMatchObject({ state: 'due', dueAtMs: rig.nowMs });
    await rig.send();
    expect(receiving.got.map(({ headers }) => headers['webhook-id'])).toEqual([message!.id, message!.id]);
    expect(await messagesOf(id)).toMatchObject([{ state: 'sent', attempts: 2 }]);
  });

  test('a receiver that hangs does not hold up others', async () => {
    const { id } = await fresh(() => {});
    const other = await startReceiving();
    await rig.receiver(other.url);
    for (let at = 0; at < 10; at++) await rig.event('breach.opened');
    const sender = rig.sender();
    await sender.look();
    await expect.poll(() => other.got.length).toBe(10);
    expect(receiving.got).toHaveLength(1);
    await sender.idle();
    expect((await messagesOf(id)).map(({ attempts }) => attempts).sort()).toEqual([
      0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    ]);
    expect((await messagesOf(id)).at(-1)).toMatchObject({
      last: { status: null, error: 'no response within 2 s' },
    });
    await other.close();
  });

  test('one process sends to a receiver at a time, and a lease that ran out is taken over', async () => {
    await fresh(noContent);
    await rig.event('breach.opened');
    const claim = (nowMs: number) => rig.outbox.claim(['webhook'], nowMs, MINUTE_MS, 5);
    expect(await claim(rig.nowMs)).toHaveLength(1);
    expect(await claim(rig.nowMs)).toHaveLength(0);
    expect(await claim(rig.nowMs + MINUTE_MS - 1)).toHaveLength(0);
    expect(await claim(rig.nowMs + MINUTE_MS)).toHaveLength(1);
  });

  test('events and attempts are final', async () => {
    const { db } = rig.empty.ledger;
    for (const statement of [
      `update events set type = 'x'`,
      `delete from events`,
      `update attempts set status = 200`,
      `delete from attempts`,
    ]) {
      await expect(db.execute(sql.raw(statement))).rejects.toMatchObject({
        cause: { message: expect.stringMatching(/final/) },
      });
    }
  });
});

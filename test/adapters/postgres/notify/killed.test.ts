/** The acceptance test E1: processes that die between any two steps lose no event and invent none. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeEvents } from '../../../../src/adapters/postgres/notify/write-events.ts';
import type { Outbox } from '../../../../src/notify/port.ts';
import { Random } from '../../../simulation/random.ts';
import { type AlertsRig, alertsRig } from './alerts-rig.ts';
import { isSignedWith, type Receiving, startReceiving } from './receiving.ts';

const EVENTS = 100;
const LEASE_MS = 60_000;

let rig: AlertsRig;
let receivings: Receiving[];
beforeAll(async () => {
  rig = await alertsRig('postgres', 'alerts-killed');
  receivings = [await startReceiving(), await startReceiving()];
});
afterAll(async () => {
  for (const receiving of receivings) await receiving.close();
  await rig.empty.drop();
});

class Killed extends Error {}

/** Dies at a random call, before or after it takes effect. After its death every call fails. */
function mortal(outbox: Outbox, chance: () => number): Outbox {
  let isDead = false;
  const dying = (): void => {
    isDead ||= chance() < 0.04;
    if (isDead) throw new Killed();
  };
  return new Proxy(outbox, {
    get: (target, name: keyof Outbox) => {
      const method = target[name] as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        dying();
        const result = await method(...args);
        dying();
        return result;
      };
    },
  });
}

test('each receiver gets every committed event at least once, signed, and none that was rolled back', async () => {
  const draws = new Random(7);
  const chance = () => draws.next();
  const receivers = await Promise.all(receivings.map(({ url }) => rig.receiver(url)));
  for (const receiving of receivings) {
    receiving.answer = (response) => {
      const at = chance();
      if (at < 0.05) response.destroy();
      else response.writeHead(at < 0.1 ? 503 : 200).end();
    };
  }
  const { db } = rig.empty.ledger;
  const committed = new Set<string>();
  let sender = rig.sender(mortal(rig.outbox, chance));
  for (let at = 0; at < EVENTS; at++) {
    const subject = `tests/${at}`;
    const event = { type: 'breach.opened', subject, clientId: null, atMs: rig.nowMs, data: { at } };
    const isUndone = chance() < 0.2;
    await db
      .transaction(async (tx) => {
        await writeEvents(tx, [event]);
        if (isUndone) throw new Killed();
      })
      .catch(() => {});
    if (!isUndone) committed.add(subject);
    if (at % 10 !== 0) continue;
    await rig.send(sender);
    if (rig.errors.length === 0) continue;
    expect(rig.errors.every((error) => error instanceof Killed)).toBe(true);
    rig.errors.length = 0;
    // The next process takes over once the lease of the dead one has run out.
    rig.nowMs += LEASE_MS;
    sender = rig.sender(mortal(rig.outbox, chance));
  }
  for (;;) {
    const dueMs = await rig.outbox.nextDueMs(['webhook']);
    if (dueMs === null) break;
    rig.nowMs = Math.max(rig.nowMs, dueMs);
    await rig.send();
  }

  const ids = new Map<string, string>();
  for (const [at, { got }] of receivings.entries()) {
    const subjects = got.map((one) => {
      expect(isSignedWith(receivers[at]!.secret, one)).toBe(true);
      const subject = `tests/${JSON.parse(one.body).data.at}`;
      const id = String(one.headers['webhook-id']);
      expect(ids.get(id) ?? `${at} ${subject}`).toBe(`${at} ${subject}`);
      ids.set(id, `${at} ${subject}`);
      return subject;
    });
    expect(new Set(subjects)).toEqual(committed);
  }
  expect(ids.size).toBe(2 * committed.size);
});

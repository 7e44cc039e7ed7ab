import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProcessWatch } from '../../../src/entry/alerts/process-watch.ts';
import { type AlertsRig, alertsRig, PAGE } from '../../adapters/postgres/notify/alerts-rig.ts';
import { isSignedWith, type Receiving, startReceiving } from '../../adapters/postgres/notify/receiving.ts';

const MINUTE_MS = 60_000;

let rig: AlertsRig;
let receiving: Receiving;
beforeAll(async () => {
  rig = await alertsRig('pglite', 'process-watch');
  receiving = await startReceiving();
});
afterAll(async () => {
  await receiving.close();
  await rig.empty.drop();
});

test('an unreachable ledger is reported from memory, once in 15 minutes, and written down when it is back', async () => {
  const { secret } = await rig.receiver(receiving.url);
  let isAway = false;
  /** Fails as a ledger that is away does. */
  const orAway = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (from, name) => {
        if (isAway) throw new Error('the ledger is away');
        return Reflect.get(from, name);
      },
    });
  const watch = new ProcessWatch({
    db: orAway(rig.empty.ledger.db),
    outbox: orAway(rig.outbox),
    sender: rig.sender(),
    checks: { ledger: async () => (isAway ? 'the ledger is unreachable' : null) },
    processName: 'gw-1:8788',
    nowMs: () => rig.nowMs,
    newId: v7,
  });
  const pass = async (ms: number) => {
    for (let at = 0; at < ms; at += 5_000) {
      rig.nowMs += 5_000;
      await watch.look().catch(() => {});
    }
  };
  const types = async () =>
    (await rig.store.events({ type: 'ledger.*' }, PAGE)).items.map(({ type }) => type);

  await pass(MINUTE_MS);
  isAway = true;
  await pass(MINUTE_MS);
  expect(receiving.got).toHaveLength(0);
  await pass(5_000);
  expect(receiving.got.map(({ body }) => JSON.parse(body))).toMatchObject([
    { type: 'ledger.away', data: { process: 'gw-1:8788', reason: 'the ledger is unreachable' } },
  ]);
  expect(isSignedWith(secret, receiving.got[0]!)).toBe(true);
  isAway = false;
  expect(await types()).toEqual([]);
  await pass(2 * MINUTE_MS);
  expect(await types()).toEqual(['ledger.back', 'ledger.away']);
  const sent = (await rig.store.messages({ state: 'sent' }, PAGE)).items;
  expect(sent).toMatchObject([{ event: { type: 'ledger.away' }, attempts: 1, last: { status: 204 } }]);
  expect(sent[0]!.id).toBe(receiving.got[0]!.headers['webhook-id']);
  await rig.send();
  expect(receiving.got).toHaveLength(2);

  // Away again within 15 minutes: nobody is called, and the log has it.
  isAway = true;
  await pass(2 * MINUTE_MS);
  isAway = false;
  await pass(2 * MINUTE_MS);
  expect(receiving.got).toHaveLength(2);
  expect(await types()).toEqual(['ledger.back', 'ledger.away', 'ledger.back', 'ledger.away']);
});

/** A ledger with receivers, and a sender with a clock that tests set. */

import { v7 } from 'uuid';
import { sealerOf } from '../../../../src/adapters/crypto/sealer.ts';
import { nodeSecrets } from '../../../../src/adapters/crypto/secrets.ts';
import { nodePost } from '../../../../src/adapters/node/notify/post.ts';
import { alertStore } from '../../../../src/adapters/postgres/notify/alert-store.ts';
import { postgresOutbox } from '../../../../src/adapters/postgres/notify/outbox.ts';
import { writeEvents } from '../../../../src/adapters/postgres/notify/write-events.ts';
import type { AlertStore } from '../../../../src/admin/alerts-port.ts';
import type { NewEvent } from '../../../../src/notify/event.ts';
import type { Outbox, SendMail } from '../../../../src/notify/port.ts';
import type { ReceiverKind } from '../../../../src/notify/receiver.ts';
import { Sender } from '../../../../src/notify/sender.ts';
import { type EmptyLedger, emptyLedger, type LEDGER_KINDS } from '../empty-ledger.ts';

/** Now, because old attempts may be deleted. */
export const START_MS = Math.floor(Date.now() / 1000) * 1000;
const SECRET = Buffer.from('the secret of the product');

export interface AlertsRig {
  readonly empty: EmptyLedger;
  readonly store: AlertStore;
  readonly outbox: Outbox;
  /** The clock of the sender. */
  nowMs: number;
  readonly errors: unknown[];
  /** Adds a receiver and returns its id and signing secret. */
  receiver(address: string, more?: Partial<RigReceiver>): Promise<{ id: string; secret: string }>;
  /** Writes an event in a transaction of its own. */
  event(type: string, more?: Partial<NewEvent>): Promise<void>;
  sender(outbox?: Outbox, mail?: SendMail | null): Sender;
  /** Sends what is due now. */
  send(sender?: Sender): Promise<void>;
}

interface RigReceiver {
  readonly kind: ReceiverKind;
  readonly events: readonly string[];
  readonly clientIds: readonly string[] | null;
}

export async function alertsRig(kind: (typeof LEDGER_KINDS)[number], name: string): Promise<AlertsRig> {
  const empty = await emptyLedger(kind, name);
  const { db } = empty.ledger;
  const store = alertStore(db);
  const outbox = postgresOutbox(db);
  const sealer = sealerOf(SECRET);
  const errors: unknown[] = [];
  const rig = { nowMs: START_MS };
  const sender = (through: Outbox = outbox, mail: SendMail | null = null) =>
    new Sender({
      ...{ outbox: through, sealer, mail },
      post: nodePost({ allowPrivate: true, timeoutMs: 2_000 }),
      consoleUrl: null,
      userAgent: 'Postmeter/test',
      nowMs: () => rig.nowMs,
      chance: () => 0.5,
      onError: (error) => errors.push(error),
    });
  const usual = sender();
  return Object.assign(rig, {
    ...{ empty, store, outbox, errors, sender },
    receiver: async (address: string, more: Partial<RigReceiver> = {}) => {
      const [id, secret] = [v7(), nodeSecrets(SECRET).newSigningSecret()];
      const settings = { kind: 'webhook' as const, events: ['*'], clientIds: null, ...more };
      const signing = [{ text: secret, validUntilMs: null }];
      const sealed = await sealer.seal(id, JSON.stringify({ address, signing }));
      await store.addReceiver(
        { ...settings, id, name: `receiver ${id}`, shownAddress: 'host', sealed, isOn: true },
        { actor: 'operator', atMs: START_MS },
      );
      return { id, secret };
    },
    event: (type: string, more: Partial<NewEvent> = {}) =>
      db.transaction((tx) =>
        writeEvents(tx, [{ type, subject: 'tests/1', clientId: null, atMs: rig.nowMs, data: {}, ...more }]),
      ),
    send: async (by: Sender = usual) => {
      await by.look();
      await by.idle();
    },
  });
}

export const PAGE = { limit: 1000, after: null };

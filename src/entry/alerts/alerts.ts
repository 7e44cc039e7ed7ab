/** Alerts of a Node process: it sends due messages, watches itself, and watches the ledger while it leads billing. */

import { v7 as uuidv7 } from 'uuid';
import { sealerOf } from '../../adapters/crypto/sealer.ts';
import { smtpMailer } from '../../adapters/node/notify/mailer.ts';
import { nodePost } from '../../adapters/node/notify/post.ts';
import type { LedgerDb } from '../../adapters/postgres/connection/db.ts';
import { postgresOutbox } from '../../adapters/postgres/notify/outbox.ts';
import type { ReadinessCheck } from '../../admin/port.ts';
import type { Config } from '../../config/schema.ts';
import type { BillingRules } from '../../invoice/port.ts';
import type { ProcessCondition } from '../../notify/condition.ts';
import type { SendMail } from '../../notify/port.ts';
import { Sender } from '../../notify/sender.ts';
import type { CountingLedger } from '../../report/routes/port.ts';
import type { Logger } from '../logs/log.ts';
import { UsageError } from '../usage-error.ts';
import { VERSION } from '../version.ts';
import { LedgerWatch } from './ledger-watch.ts';
import { ProcessWatch } from './process-watch.ts';

export interface AlertsOptions {
  readonly db: LedgerDb;
  readonly keySecret: Uint8Array;
  readonly config: Pick<Config, 'receivers'>;
  /** Null: this process sends no mail. */
  readonly mail: SendMail | null;
  readonly rules: BillingRules;
  readonly counting: CountingLedger;
  /** True while this process runs billing. */
  readonly leads: () => boolean;
  readonly checks: Readonly<Partial<Record<ProcessCondition, ReadinessCheck>>>;
  readonly processName: string;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  readonly log: Logger;
}

export interface Alerts {
  /** Waits for running attempts, at most two seconds. Their messages are sent again by another process. */
  stop(): Promise<void>;
}

/** Each look is a statement that builds, sends and reads some 1 ms of CPU, so an idle process looks seldom. */
const SEND_EVERY_MS = 5_000;
const WATCH_EVERY_MS = 5_000;
/** A look may take at most this share of the time, however large the ledger is. */
const MAX_SHARE = 0.1;
const STOP_MS = 2_000;

export function startAlerts(options: AlertsOptions): Alerts {
  const { db, config, nowMs, log, leads } = options;
  const outbox = postgresOutbox(db);
  const sender = new Sender({
    outbox,
    sealer: sealerOf(options.keySecret),
    post: nodePost({ allowPrivate: config.receivers.allowPrivate }),
    mail: options.mail,
    consoleUrl: config.receivers.consoleUrl ?? null,
    userAgent: `Postmeter/${VERSION}`,
    nowMs,
    chance: Math.random,
    onError: (error) => log.debug({ err: error }, 'messages cannot be sent now'),
  });
  const ledgerWatch = new LedgerWatch(options);
  const processWatch = new ProcessWatch({ ...options, outbox, sender, newId: uuidv7 });
  const stops = [
    repeat(SEND_EVERY_MS, () => sender.look()),
    repeat(
      WATCH_EVERY_MS,
      async () => {
        await processWatch.look();
        if (!leads()) return;
        await ledgerWatch.look();
        // What it has just written leaves at once.
        await sender.look();
      },
      (error) => log.debug({ err: error }, 'the ledger cannot be watched for alerts now'),
    ),
  ];
  return {
    stop: async () => {
      for (const stop of stops) stop();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, STOP_MS);
      });
      await Promise.race([sender.idle(), late]);
      clearTimeout(timer);
    },
  };
}

/**
 * Returns null without a mail server. Throws `UsageError` if the server is set without the sender's mailbox.
 * @param smtpUrl the environment variable SMTP_URL.
 */
export function openMailer(
  smtpUrl: string | undefined,
  { receivers }: Pick<Config, 'receivers'>,
): SendMail | null {
  const from = receivers.mailFrom;
  if (smtpUrl === undefined) return null;
  if (from === undefined)
    throw new UsageError(
      'SMTP_URL is set without receivers.mailFrom; set the mailbox of the sender in the configuration',
    );
  return smtpMailer({ url: smtpUrl, from });
}

/** Runs `run` again and again, one at a time, until the result is called. */
function repeat(
  everyMs: number,
  run: () => Promise<void>,
  onError: (error: unknown) => void = () => {},
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const next = async () => {
    const startMs = performance.now();
    await run().catch(onError);
    const tookMs = performance.now() - startMs;
    if (!isStopped) timer = setTimeout(() => void next(), Math.max(everyMs, tookMs * (1 / MAX_SHARE - 1)));
  };
  timer = setTimeout(() => void next(), everyMs);
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

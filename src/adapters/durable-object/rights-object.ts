/**
 * The Durable Object that answers isolates which states subjects have. It follows the registry of rights of the ledger
 * by its alarm, through a ledger object, and answers from its own storage.
 */

import { DurableObject } from 'cloudflare:workers';
import type { Subject } from '../../rights/subject.ts';
import { edgeLog } from '../edge/log.ts';
import type { RightsAnswer, RightsObjectMethods } from '../edge/protocol.ts';
import { Alarm } from './alarm.ts';
import { type EdgeBindings, ledgerObjectOf, RIGHTS_OBJECT } from './bindings.ts';
import { SqlSubjectStates } from './storage/subject-states.ts';

/** With the 5 s for which isolates keep answers, a setting holds everywhere within 10 s. */
const READ_EVERY_MS = 2_000;
/** A registry of this age is read again before an answer. */
const MAX_AGE_MS = 5_000;
/** The ledger is not read after this time without a question, so that it can sleep. */
const QUIET_MS = 10 * 60_000;
/** Subjects of one call of the ledger object. */
const PAGE = 2_000;
/** Calls of one alarm, which Cloudflare limits. */
const MAX_PAGES = 100;
const MAX_BACK_OFF_MS = 60_000;

export class RightsObject extends DurableObject<EdgeBindings> implements RightsObjectMethods {
  readonly #log = edgeLog(this.env);
  readonly #alarm = new Alarm(this.ctx.storage, () => this.nowMs());
  readonly #states = new SqlSubjectStates(this.ctx.storage);
  #askedAtMs = 0;
  #reading: Promise<boolean> | null = null;
  /** Consecutive failures to read the ledger. */
  #failures = 0;

  async statesOf(subjects: readonly Subject[]): Promise<RightsAnswer> {
    this.#askedAtMs = this.nowMs();
    const { asOf } = this.#states;
    const isOld = asOf === null || this.nowMs() - asOf.readAtMs > MAX_AGE_MS;
    // While the ledger fails, only the alarm retries.
    if (isOld && this.#failures === 0) await this.#tryRead(1);
    await this.#alarm.ensure(READ_EVERY_MS);
    return { asOf: this.#states.asOf, states: subjects.map((subject) => this.#states.get(subject)) };
  }

  /** Never throws, because the runtime gives an alarm up after a few retries. */
  override async alarm(): Promise<void> {
    this.#alarm.clear();
    const hasMore = await this.#tryRead(MAX_PAGES);
    if (!hasMore && this.nowMs() - this.#askedAtMs > QUIET_MS) return;
    await this.#alarm.set(hasMore ? 0 : Math.min(MAX_BACK_OFF_MS, READ_EVERY_MS * 2 ** this.#failures));
  }

  /** The runtime's clock, epoch milliseconds UTC. */
  protected nowMs(): number {
    return Date.now();
  }

  /** Returns true if the ledger has more changes than `maxPages`. */
  #tryRead(maxPages: number): Promise<boolean> {
    this.#reading ??= this.#read(maxPages)
      .then((hasMore) => {
        this.#failures = 0;
        return hasMore;
      })
      .catch((error: unknown) => {
        this.#failures += 1;
        const failed = { err: error, failures: this.#failures };
        this.#log.warn(failed, 'the registry of rights cannot be read; the last states remain in use');
        return false;
      })
      .finally(() => {
        this.#reading = null;
      });
    return this.#reading;
  }

  async #read(maxPages: number): Promise<boolean> {
    const ledger = this.env.LEDGER.getByName(ledgerObjectOf(RIGHTS_OBJECT));
    for (let page = 0; page < maxPages; page++) {
      const readAtMs = this.nowMs();
      const { changes, lastSequence } = await ledger.rightsAfter(this.#states.sequence, PAGE);
      if (lastSequence < this.#states.sequence) {
        this.#log.warn(
          { lastSequence },
          'the ledger was restored to an older state; the registry is read again',
        );
        this.#states.clear();
        continue;
      }
      this.#states.add(changes);
      if (changes.length < PAGE) {
        this.#states.confirm(readAtMs);
        return false;
      }
    }
    return true;
  }
}

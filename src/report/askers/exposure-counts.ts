/** Counts of this process: answers and posts by kind of asker and resource. Memory is bounded for any requests. */

import { isCaller, isPrefix } from '../../meter/client-id.ts';
import type { Asker } from '../../rights/asker.ts';
import type { StateMask } from '../../rights/state.ts';
import type { ExposureKind, ExposureSums } from './port.ts';

/** Kinds with their client and agent per hour. Further ones are counted without both. */
const MAX_KINDS = 10_000;

interface Cell {
  readonly kind: ExposureKind;
  answers: number;
  posts: number;
}

export class ExposureCounts {
  /** All kinds of the current hour, by key. */
  readonly #cells = new Map<string, Cell>();
  /** The cells with additions since the last take. */
  readonly #changed = new Set<Cell>();

  /** Adds one answer. @param route the first route that may match the request. */
  saw(
    asker: Asker,
    clientId: string,
    route: string,
    mask: StateMask,
    isWithheld: boolean,
    posts: number,
  ): void {
    const cell = this.#cell(asker, recordedClient(asker, clientId), route, mask, isWithheld);
    cell.answers++;
    cell.posts += posts;
    this.#changed.add(cell);
  }

  /** Returns the additions since the last take. @param isEndOfHour true if the counts of the hour are complete. */
  take(isEndOfHour: boolean): ExposureSums[] {
    const sums = Array.from(this.#changed, ({ kind, answers, posts }) => ({ ...kind, answers, posts }));
    for (const cell of this.#changed) {
      cell.answers = 0;
      cell.posts = 0;
    }
    this.#changed.clear();
    if (isEndOfHour) this.#cells.clear();
    return sums;
  }

  #cell(asker: Asker, clientId: string, route: string, mask: StateMask, isWithheld: boolean): Cell {
    const { class: own, evidence } = asker;
    const alsoAs: ExposureKind['alsoAs'] = asker.alsoAs ?? '';
    const agent = asker.agent ?? '';
    const verdict = asker.verdict ?? '';
    const key = `${clientId}\n${own}\n${alsoAs}\n${agent}\n${evidence}\n${verdict}\n${mask}\n${isWithheld}\n${route}`;
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    if (this.#cells.size >= MAX_KINDS && (clientId !== '' || agent !== '')) {
      return this.#cell({ ...asker, agent: null }, '', route, mask, isWithheld);
    }
    const kind: ExposureKind = {
      clientId,
      class: own,
      alsoAs,
      agent,
      evidence,
      verdict,
      route,
      mask,
      isWithheld,
    };
    const cell = { kind, answers: 0, posts: 0 };
    this.#cells.set(key, cell);
    return cell;
  }
}

/** Which person or unknown caller asked for what is not recorded, because no decision needs it. */
function recordedClient({ class: own }: Asker, clientId: string): string {
  const isRegistered = !isCaller(clientId) && !isPrefix(clientId);
  return isRegistered || (own !== 'human' && own !== 'unknown') ? clientId : '';
}

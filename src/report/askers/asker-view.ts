/** Answers by class, agent and client, from the sums of the ledger. */

import type { AskerClass } from '../../rights/asker.ts';
import type { ExposureSums } from './port.ts';

/** Rows of each list; the ones with the most answers. */
const MAX_ROWS = 200;

interface AnswerSums {
  readonly answers: number;
  readonly posts: number;
  /** Answers that were withheld. They have no posts. */
  readonly withheld: number;
}

interface ClassSums extends AnswerSums {
  readonly class: AskerClass;
}

/** Requests that claim or prove one agent, with one result of checking it. */
interface AgentSums extends ClassSums {
  readonly agent: string;
  readonly alsoAs: AskerClass | null;
  readonly verdict: Exclude<ExposureSums['verdict'], ''> | null;
  readonly evidence: ExposureSums['evidence'];
}

interface AskerClientSums extends ClassSums {
  readonly clientId: string;
  readonly agent: string | null;
}

interface AskersView {
  readonly classes: readonly ClassSums[];
  readonly agents: readonly AgentSums[];
  readonly clients: readonly AskerClientSums[];
}

export function askersView(exposures: readonly ExposureSums[]): AskersView {
  const agents = exposures.filter(({ agent }) => agent !== '');
  const clients = exposures.filter(({ clientId }) => clientId !== '');
  return {
    classes: summed(exposures, (one) => ({ class: one.class })),
    agents: summed(agents, ({ agent, class: own, alsoAs, verdict, evidence }) => ({
      ...{ agent, class: own, alsoAs: alsoAs || null, verdict: verdict || null, evidence },
    })),
    clients: summed(clients, ({ clientId, class: own, agent }) => ({
      clientId,
      class: own,
      agent: agent || null,
    })),
  };
}

/** Adds up exposures with equal keys; the largest come first. */
function summed<Key extends object>(
  exposures: readonly ExposureSums[],
  keyOf: (one: ExposureSums) => Key,
): Array<Key & AnswerSums> {
  const sums = new Map<string, Key & AnswerSums>();
  for (const one of exposures) {
    const key = keyOf(one);
    const text = JSON.stringify(key);
    const { answers, posts, withheld } = sums.get(text) ?? { answers: 0, posts: 0, withheld: 0 };
    sums.set(text, {
      ...key,
      answers: answers + one.answers,
      posts: posts + one.posts,
      withheld: withheld + (one.isWithheld ? one.answers : 0),
    });
  }
  return [...sums.values()].sort((a, b) => b.answers - a.answers).slice(0, MAX_ROWS);
}

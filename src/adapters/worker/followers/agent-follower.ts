/** What an isolate knows of agents. Lists and verdicts come from the directory object, behind the responses. */

import { agentKnowledge } from '../../../identify/agents/knowledge.ts';
import type { AgentKnowledge, CatalogueAgent } from '../../../identify/asker/port.ts';
import { KnownLists } from '../../../identify/ranges/known-lists.ts';
import { SHIPPED_LISTS } from '../../../identify/ranges/shipped-lists.ts';
import { KnownVerdicts } from '../../../identify/reverse-dns/known-verdicts.ts';
import type { ReverseVerdict } from '../../../identify/reverse-dns/port.ts';
import type { DirectoryObjectMethods } from '../../edge/protocol.ts';

export interface AgentFollowerOptions {
  readonly agents: readonly CatalogueAgent[];
  readonly isOffline: boolean;
  /** Returns the directory object, for a call on behalf of the current request. */
  readonly object: () => DirectoryObjectMethods;
  readonly nowMs: () => number;
  /** Keeps the current request alive until the promise is settled. */
  readonly keepAlive: (promise: Promise<unknown>) => void;
  readonly onError: (error: unknown) => void;
}

const REFRESH_MS = 60_000;
const MINUTE_MS = 60_000;

export class AgentFollower {
  readonly knowledge: AgentKnowledge;
  readonly #options: AgentFollowerOptions;
  readonly #lists: KnownLists;
  #askedMs = Number.NEGATIVE_INFINITY;

  constructor(options: AgentFollowerOptions) {
    this.#options = options;
    const { agents, isOffline, object, nowMs, keepAlive, onError } = options;
    this.#lists = new KnownLists(agents, SHIPPED_LISTS);
    const verdicts = new KnownVerdicts({
      find: async (address, agent) =>
        (await object().agentVerdict(address.text, agent.token)) ?? unanswered(nowMs()),
      nowMs,
      keepAlive,
      // A task that waits would run on behalf of another request, which the runtime does not allow.
      maxWaiting: 0,
      onError,
    });
    this.knowledge = agentKnowledge({ lists: this.#lists, verdicts: isOffline ? null : verdicts });
  }

  /** Reads new lists behind the current request, at most once a minute. */
  refresh(): void {
    const { nowMs, keepAlive, onError } = this.#options;
    if (nowMs() - this.#askedMs < REFRESH_MS) return;
    this.#askedMs = nowMs();
    keepAlive(this.#read().catch(onError));
  }

  async #read(): Promise<void> {
    const { object } = this.#options;
    this.#lists.use(await object().agentLists(this.#lists.knownMs));
  }
}

/** The object has no time for the address now. */
function unanswered(nowMs: number): ReverseVerdict {
  return { result: 'error', names: [], checkedAtMs: nowMs, untilMs: nowMs + MINUTE_MS };
}

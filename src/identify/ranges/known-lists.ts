/** The published lists that this process knows, as one table from addresses to operators. */

import type { Address } from '../address.ts';
import type { CatalogueAgent } from '../asker/port.ts';
import { PrefixTable, parseRange } from '../prefix-table.ts';
import { type AgentList, isListFresh } from './agent-list.ts';
import type { StoredList } from './port.ts';

/** `fresh`: all lists of an agent are known and current, so that an address in none of them is not the agent's. */
export type ListsState = 'none' | 'fresh' | 'stale';

/**
 * Lists of addresses on which anyone can run programs. They prove nothing. The names of this one are under
 * gae.googleusercontent.com.
 */
const SHARED_LISTS: ReadonlySet<string> = new Set([
  'https://developers.google.com/static/crawling/ipranges/user-triggered-fetchers.json',
  'https://developers.google.com/static/search/apis/ipranges/user-triggered-fetchers.json',
]);
const NO_OPERATORS: readonly string[] = [];

/** The URLs of the lists that prove an agent. */
export function listUrlsOf({ verify }: CatalogueAgent): string[] {
  return verify.ranges.filter((url) => !SHARED_LISTS.has(url));
}

export function emptyList(url: string): AgentList {
  const nothing = { fetchedAtMs: null, etag: null, prefixes: null, failure: null, triedAtMs: null };
  return { url, ...nothing, isShipped: false };
}

export class KnownLists {
  readonly #agents: readonly CatalogueAgent[];
  readonly #lists: Map<string, AgentList>;
  #table: PrefixTable<readonly string[]>;

  /** @param shipped lists to use until newer ones are known. */
  constructor(agents: readonly CatalogueAgent[], shipped: readonly AgentList[]) {
    this.#agents = agents;
    const urls = new Set(agents.flatMap(listUrlsOf));
    this.#lists = new Map([...urls].map((url) => [url, emptyList(url)]));
    for (const list of shipped) if (urls.has(list.url)) this.#lists.set(list.url, list);
    this.#table = this.#build();
  }

  get agents(): readonly CatalogueAgent[] {
    return this.#agents;
  }

  /** All lists, including those that were never fetched. */
  get lists(): readonly AgentList[] {
    return [...this.#lists.values()];
  }

  /** When the prefixes of each list were fetched, for `AgentListStore.lists`. */
  get knownMs(): ReadonlyMap<string, number | null> {
    return new Map(this.lists.map(({ url, fetchedAtMs }) => [url, fetchedAtMs]));
  }

  /** Takes over stored lists. A list that has never been fetched keeps the prefixes that were shipped. */
  use(stored: readonly StoredList[]): void {
    let isChanged = false;
    for (const { prefixes, ...list } of stored) {
      const known = this.#lists.get(list.url);
      if (known === undefined) continue;
      if (list.fetchedAtMs === null) {
        this.#lists.set(list.url, { ...known, failure: list.failure, triedAtMs: list.triedAtMs });
      } else {
        if (prefixes !== undefined) isChanged = true;
        this.#lists.set(list.url, { ...list, prefixes: prefixes ?? known.prefixes, isShipped: false });
      }
    }
    if (isChanged) this.#table = this.#build();
  }

  /** Operators of the lists that contain the address. 0.4 µs. */
  operatorsOf(address: Address): readonly string[] {
    return this.#table.find(address) ?? NO_OPERATORS;
  }

  /** The lists of an agent. A list that was added to the catalogue since the start is not known. */
  listsOf(agent: CatalogueAgent): AgentList[] {
    return listUrlsOf(agent).map((url) => this.#lists.get(url) ?? emptyList(url));
  }

  stateOf(agent: CatalogueAgent, nowMs: number): ListsState {
    const lists = this.listsOf(agent);
    if (lists.length === 0) return 'none';
    return lists.every((list) => isListFresh(list, nowMs)) ? 'fresh' : 'stale';
  }

  /** A prefix has the operators of all lists that contain it, because the table returns only the longest prefix. */
  #build(): PrefixTable<readonly string[]> {
    const ranges = this.lists.flatMap(({ url, prefixes }) => {
      const operators = this.#operatorsOfList(url);
      return (prefixes ?? []).map((text) => ({ text, operators, ...parseRange(text)! }));
    });
    const table = new PrefixTable<readonly string[]>();
    // In order of length, so that `find` returns the next wider range that was added.
    for (const { text, address, operators } of ranges.sort((a, b) => a.prefixLength - b.prefixLength)) {
      table.add(text, [...new Set([...(table.find(address) ?? []), ...operators])]);
    }
    return table;
  }

  #operatorsOfList(url: string): string[] {
    const agents = this.#agents.filter((agent) => listUrlsOf(agent).includes(url));
    return [...new Set(agents.map(({ operator }) => operator))];
  }
}

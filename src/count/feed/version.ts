/** Finds the `version` member that makes a JSON document a JSON Feed (jsonfeed.org/version/1.1), at any position. */

import { planJson } from '../json/automaton/plan-json.ts';
import { NoisyJsonCounter } from '../json/skip/noise.ts';
import { PostCount } from '../post-count.ts';
import { parseWhere } from '../where.ts';

const VERSIONS = ['1', '1.1'].flatMap((version) =>
  ['https://jsonfeed.org', 'http://jsonfeed.org', 'https://www.jsonfeed.org'].map(
    (host) => `${host}/version/${version}`,
  ),
);

const WHERE = parseWhere(`version in ${JSON.stringify(VERSIONS)}`);
const PLAN = planJson([{ path: [], where: WHERE, rule: 0 }]);

/** Most feeds begin with their version, which identifies a body that is cut. */
const EARLY_VERSION = /^\s*\{\s*"version"\s*:\s*"https?:\\?\/\\?\/(?:www\.)?jsonfeed\.org\\?\/version\\?\/1/;
const EARLY_BYTES = 256;

const decoder = new TextDecoder();

export class JsonFeedVersion {
  readonly #found = new PostCount([{ text: 'version', kind: 'post', counts: true }], false);
  readonly #json = new NoisyJsonCounter(PLAN, this.#found);
  #early: string | null = '';
  #isEarly = false;

  get isFeed(): boolean {
    return this.#isEarly || this.#found.posts > 0;
  }

  write(chunk: Uint8Array): void {
    if (this.#early !== null) {
      this.#early += decoder.decode(chunk.subarray(0, EARLY_BYTES));
      this.#isEarly = EARLY_VERSION.test(this.#early);
      if (this.#isEarly || this.#early.length >= EARLY_BYTES) this.#early = null;
    }
    if (!this.#isEarly) this.#json.write(chunk);
  }

  end(): void {
    if (!this.#isEarly) this.#json.end();
  }
}

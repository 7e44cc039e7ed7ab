/** Counts the posts in the result of one GraphQL operation, or in each result of a batch. */

import type { FormatCounter } from '../format-counter.ts';
import type { JsonPlan } from '../json/automaton/plan.ts';
import { planJson } from '../json/automaton/plan-json.ts';
import { JsonScanner } from '../json/scanner.ts';
import { jsonSkipper } from '../json/skip/resumable-skipper.ts';
import { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import type { ResultPlan } from './result-plan.ts';

export function resultCounter(plan: ResultPlan, found: PostCount): FormatCounter {
  if (plan === 'none') return NOTHING;
  if (plan === 'unknown') return new UnknownResult();
  return 'doubtful' in plan
    ? new DoubtfulResult(plan.doubtful, found)
    : new JsonScanner(plan, jsonSkipper, found);
}

const NOTHING: FormatCounter = { failure: undefined, write: () => {}, end: () => {} };

/** The member `data` of one result, wrapped or not, or of each result in a batch. */
const DATA: JsonPlan = planJson([
  { path: [{ kind: 'name', name: 'data' }], rule: 0 },
  {
    path: [
      { kind: 'name', name: 'payload' },
      { kind: 'name', name: 'data' },
    ],
    rule: 0,
  },
  { path: [{ kind: 'elements' }, { kind: 'name', name: 'data' }], rule: 0 },
]);

/**
 * The result of an unknown operation. A result with only errors contains no posts: servers respond so to an unknown
 * persisted query. Any other result is uncounted, even if the client aborted.
 */
class UnknownResult implements FormatCounter {
  readonly failure = undefined;
  flaw: UncountedReason | undefined = 'document';
  readonly #data = new PostCount([{ text: 'data', kind: 'post', counts: true }], false);
  readonly #scanner = new JsonScanner(DATA, jsonSkipper, this.#data);

  write(chunk: Uint8Array): void {
    this.#scanner.write(chunk);
  }

  end(): void {
    this.#scanner.end();
    if (this.#scanner.failure === undefined && this.#data.posts === 0) this.flaw = undefined;
  }
}

/**
 * Posts at the document's locations prove that the document was executed. Without posts, it may have been another
 * one.
 */
class DoubtfulResult implements FormatCounter {
  readonly #scanner: JsonScanner;
  readonly #unknown = new UnknownResult();
  readonly #found: PostCount;
  readonly #postsBefore: number;

  constructor(plan: JsonPlan, found: PostCount) {
    this.#scanner = new JsonScanner(plan, jsonSkipper, found);
    this.#found = found;
    this.#postsBefore = found.posts;
  }

  get failure(): UncountedReason | undefined {
    return this.#scanner.failure;
  }

  get flaw(): UncountedReason | undefined {
    return this.#found.posts > this.#postsBefore ? undefined : this.#unknown.flaw;
  }

  write(chunk: Uint8Array): void {
    this.#scanner.write(chunk);
    this.#unknown.write(chunk);
  }

  end(): void {
    this.#scanner.end();
    this.#unknown.end();
  }
}

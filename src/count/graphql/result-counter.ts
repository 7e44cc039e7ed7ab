/** Counts the posts in the result of one GraphQL operation, or in each result of a batch. */

import type { FormatCounter } from '../format-counter.ts';
import type { JsonPlan } from '../json/automaton/plan.ts';
import { planJson } from '../json/automaton/plan-json.ts';
import { JsonScanner } from '../json/scanner.ts';
import { jsonSkipper } from '../json/skip/resumable-skipper.ts';
import { PostCount } from '../post-count.ts';
import type { ResultPlan } from './plan.ts';

export function resultCounter(plan: ResultPlan, found: PostCount): FormatCounter {
  if (plan === 'none') return NOTHING;
  if (plan === 'unknown') return unknownResult();
  return 'doubtful' in plan
    ? doubtfulResult(plan.doubtful, found)
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
function unknownResult(): FormatCounter {
  const data = new PostCount([{ text: 'data', kind: 'post', counts: true }], false);
  const scanner = new JsonScanner(DATA, jsonSkipper, data);
  let isOver = false;
  return {
    failure: undefined,
    get flaw() {
      return isOver && scanner.failure === undefined && data.posts === 0 ? undefined : 'document';
    },
    write: (chunk) => scanner.write(chunk),
    end() {
      scanner.end();
      isOver = true;
    },
  };
}

/**
 * Posts at the document's locations prove that the document was executed. Without posts, it may have been another
 * one.
 */
function doubtfulResult(plan: JsonPlan, found: PostCount): FormatCounter {
  const scanner = new JsonScanner(plan, jsonSkipper, found);
  const unknown = unknownResult();
  const postsBefore = found.posts;
  return {
    get failure() {
      return scanner.failure;
    },
    get flaw() {
      return found.posts > postsBefore ? undefined : unknown.flaw;
    },
    write(chunk) {
      scanner.write(chunk);
      unknown.write(chunk);
    },
    end() {
      scanner.end();
      unknown.end();
    },
  };
}

/** From asked-for posts to the plan that the JSON scanner follows through an operation's result. */

import type { Step } from '../json/path.ts';
import { type JsonPlan, type PostSelector, planJson } from '../json/plan.ts';
import type { AskedPosts, ResultStep } from './asked-posts.ts';

const DATA: Step = { kind: 'name', name: 'data' };
/** In streams a result may be wrapped: subscriptions of Apollo over multipart, GraphQL over SSE with one connection. */
const PAYLOAD: Step = { kind: 'name', name: 'payload' };

/**
 * `posts` holds one at least. The plan has two places a field at most, far fewer than a plan may have: the bounds are
 * those of the document.
 */
export function planAsked(posts: readonly AskedPosts[]): JsonPlan {
  const selectors = posts.flatMap(({ path, idKey, rule }): PostSelector[] => {
    const steps = [DATA, ...path.map(stepOf)];
    const rest = idKey === null ? { rule } : { rule, id: [idKey] };
    return [
      { ...rest, path: steps },
      { ...rest, path: [PAYLOAD, ...steps] },
    ];
  });
  return planJson(selectors);
}

function stepOf(step: ResultStep): Step {
  switch (step.kind) {
    case 'key':
      return { kind: 'name', name: step.key };
    case 'element':
      return { kind: 'elements' };
    case 'either':
      return { kind: 'itself' };
  }
}

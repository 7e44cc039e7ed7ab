/** From asked-for posts to the plan that the JSON scanner follows through an operation's result. */

import type { Step } from '../json/path.ts';
import { type JsonPlan, type PostSelector, planJson } from '../json/plan.ts';
import type { AskedPosts, ResultStep } from './asked-posts.ts';
import type { LaterParts } from './later-parts.ts';

/** `isIncremental`: the result may come in several payloads. */
export type ResultJsonPlan = JsonPlan & { readonly isIncremental: boolean };

const DATA: Step = { kind: 'name', name: 'data' };
/**
 * In streams a result may be wrapped: subscriptions of Apollo over multipart, GraphQL over SSE with one connection,
 * messages of a WebSocket.
 */
const PAYLOAD: Step = { kind: 'name', name: 'payload' };
const ELEMENTS: Step = { kind: 'elements' };
const INCREMENTAL: readonly Step[] = [{ kind: 'name', name: 'incremental' }, ELEMENTS];
const ITEMS: readonly Step[] = [...INCREMENTAL, { kind: 'name', name: 'items' }, ELEMENTS];

/**
 * `posts` holds one at least. The plan has two places a field at most, far fewer than a plan may have: the bounds are
 * those of the document.
 */
export function planAsked(posts: readonly AskedPosts[]): ResultJsonPlan {
  return { ...planJson(wrapped(selectorsOf([DATA], posts))), isIncremental: false };
}

/** Payloads of incremental delivery: the first, and those with `incremental`, or of older servers with `path`. */
export function planParts({ inData, inDeferred, inItems, alone }: LaterParts): ResultJsonPlan {
  const selectors = [
    ...selectorsOf([DATA], inData),
    ...selectorsOf([...INCREMENTAL, DATA], inDeferred),
    ...selectorsOf(ITEMS, inItems),
  ];
  if (alone !== null) {
    const id = alone.idKey === null ? {} : { id: ['data', alone.idKey] };
    selectors.push({ path: [], where: { kind: 'present', member: ['path'] }, rule: alone.rule, ...id });
  }
  return { ...planJson(wrapped(selectors)), isIncremental: true };
}

function selectorsOf(start: readonly Step[], posts: readonly AskedPosts[]): PostSelector[] {
  return posts.map(({ path, idKey, rule }) => {
    const steps = [...start, ...path.map(stepOf)];
    return idKey === null ? { path: steps, rule } : { path: steps, rule, id: [idKey] };
  });
}

function wrapped(selectors: readonly PostSelector[]): PostSelector[] {
  return selectors.flatMap((one) => [one, { ...one, path: [PAYLOAD, ...one.path] }]);
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

/** Builds the plan that the JSON scanner follows through an operation's result. */

import type { Step } from '../json/automaton/path.ts';
import type { JsonPlan, PostSelector } from '../json/automaton/plan.ts';
import { planJson } from '../json/automaton/plan-json.ts';
import type { LaterParts } from './later-parts.ts';
import type { LocatedPosts, ResultStep } from './locate-posts.ts';

/** `isIncremental`: the result may arrive in several payloads. */
export type ResultJsonPlan = JsonPlan & { readonly isIncremental: boolean };

const DATA: Step = { kind: 'name', name: 'data' };
/**
 * In streams a result may be wrapped in `payload`: Apollo subscriptions over multipart, GraphQL over SSE with a
 * single connection, messages of a WebSocket.
 */
const PAYLOAD: Step = { kind: 'name', name: 'payload' };
const ELEMENTS: Step = { kind: 'elements' };
const INCREMENTAL: readonly Step[] = [{ kind: 'name', name: 'incremental' }, ELEMENTS];
const ITEMS: readonly Step[] = [...INCREMENTAL, { kind: 'name', name: 'items' }, ELEMENTS];

/**
 * @param posts at least one. The plan has at most two places per field, far fewer than a plan may have: the bounds of
 *   the document apply first.
 */
export function planPosts(posts: readonly LocatedPosts[]): ResultJsonPlan {
  return { ...planJson(wrapped(selectorsOf([DATA], posts))), isIncremental: false };
}

/**
 * Plans the payloads of incremental delivery: the first one, those with `incremental`, and those of older servers
 * with `path`.
 */
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

function selectorsOf(start: readonly Step[], posts: readonly LocatedPosts[]): PostSelector[] {
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

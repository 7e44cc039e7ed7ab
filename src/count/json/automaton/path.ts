/**
 * Parses the path to posts: a JSONPath (RFC 9535) of names, `[*]`, `[:]` and `..`. json-p3 parses it; everything that
 * a stream cannot evaluate is refused here.
 */

import { JSONPathError, jsonpath } from 'json-p3';
import { faultAt } from '../../route/problem.ts';

/**
 * One step down. `name`: a member. `any`: every element of an array and every member value of an object. `elements`:
 * every element of an array only. `itself`: like `elements`, or the value itself if it is not an array; no path
 * contains this step, but a GraphQL field may be either and only its schema tells. With `deep` the step applies at
 * every depth, including the first (`..`).
 */
export type Step = { readonly deep?: true } & (
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'elements' }
  | { readonly kind: 'itself' }
);

/** Maximum number of steps; real paths have two to six. */
const MAX_STEPS = 32;

/** Parses a path such as `$.data[*]` or `$..replies[:].post`. @throws {RouteFault} with position and fix. */
export function parseJsonPath(text: string): readonly Step[] {
  const steps = compile(text).map(({ token, selectors }): Step => {
    if (selectors.length !== 1) {
      const reason = 'only one selector per bracket is supported: use a separate entry for each path';
      throw faultAt(text, token.index, reason);
    }
    const step = stepOf(selectors[0]!);
    if (step === undefined) {
      const reason = 'only names, [*] and [:] are supported: test a member with "where" instead';
      throw faultAt(text, token.index, reason);
    }
    return token.kind === 'TOKEN_DDOT' ? { ...step, deep: true } : step;
  });
  if (steps.length > MAX_STEPS) throw faultAt(text, 0, `more than ${MAX_STEPS} steps: shorten the path`);
  return steps;
}

function compile(text: string): ReturnType<typeof jsonpath.compile>['segments'] {
  try {
    return jsonpath.compile(text).segments;
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error;
    const reason = error.token.kind === 'TOKEN_ERROR' ? error.token.value : error.message;
    throw faultAt(text, error.token.index, `${reason}: use a path such as $.data[*]`);
  }
}

function stepOf(selector: InstanceType<typeof jsonpath.JSONPathSelector>): Step | undefined {
  if (selector instanceof jsonpath.selectors.NameSelector) return { kind: 'name', name: selector.name };
  if (selector instanceof jsonpath.selectors.WildcardSelector) return { kind: 'any' };
  if (!(selector instanceof jsonpath.selectors.SliceSelector)) return undefined;
  const { start, stop, step } = selector;
  const isWhole = (start ?? 0) === 0 && stop === undefined && (step ?? 1) === 1;
  return isWhole ? { kind: 'elements' } : undefined;
}

/**
 * Reads where posts are found: a JSONPath (RFC 9535) of names, `[*]`, `[:]` and `..`. The grammar is json-p3's;
 * everything in it that a stream cannot answer is refused here.
 */

import { JSONPathError, jsonpath } from 'json-p3';

/**
 * One step down: a member by its name; every element of an array and every member value of an object (`any`); every
 * element of an array only (`elements`); the same, or the value itself where it is no array (`itself`: no path says
 * it, but only a schema knows which of both a field of GraphQL is). With `deep` it is taken from every depth, the first
 * included (`..`).
 */
export type Step = { readonly deep?: true } & (
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'elements' }
  | { readonly kind: 'itself' }
);

export type PathResult =
  | { readonly ok: true; readonly steps: readonly Step[] }
  | { readonly ok: false; readonly message: string };

/** Longest path in steps; real ones have two to six. */
const MAX_STEPS = 32;

/** Reads a path such as `$.data[*]` or `$..replies[:].post`. The message of a fault holds position and mend. */
export function parseJsonPath(text: string): PathResult {
  const query = compile(text);
  if (!query.ok) return query;
  const steps: Step[] = [];
  for (const segment of query.segments) {
    const { index } = segment.token;
    if (segment.selectors.length !== 1) {
      return refuse(text, index, 'one selector in a bracket only: write each path as an entry of its own');
    }
    const step = stepOf(segment.selectors[0]!);
    if (step === undefined) {
      return refuse(text, index, 'only names, [*] and [:] are supported: test a member with "where" instead');
    }
    steps.push(segment.token.kind === 'TOKEN_DDOT' ? { ...step, deep: true } : step);
  }
  if (steps.length > MAX_STEPS) {
    return refuse(text, 0, `more than ${MAX_STEPS} steps: shorten the path`);
  }
  return { ok: true, steps };
}

type Segments = ReturnType<typeof jsonpath.compile>['segments'];

function compile(text: string): { ok: true; segments: Segments } | { ok: false; message: string } {
  try {
    return { ok: true, segments: jsonpath.compile(text).segments };
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error;
    const reason = error.token.kind === 'TOKEN_ERROR' ? error.token.value : error.message;
    return refuse(text, error.token.index, `${reason}: write a path such as $.data[*]`);
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

function refuse(text: string, index: number, reason: string): { ok: false; message: string } {
  return { ok: false, message: `${JSON.stringify(text)} at position ${index + 1}: ${reason}` };
}

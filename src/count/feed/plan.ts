/** Locates the entries of a feed: in XML by the elements of RSS and Atom, in JSON by the members of JSON Feed. */

import { parseJsonPath, type Step } from '../json/automaton/path.ts';
import type { JsonPlan, PostSelector } from '../json/automaton/plan.ts';
import { planJson } from '../json/automaton/plan-json.ts';
import type { PlanResult } from '../route/problem.ts';
import type { FeedEntry } from '../route/schema.ts';
import { compileXml, type XmlPlan } from '../xml/plan.ts';

export interface FeedPlan {
  readonly xml: XmlPlan;
  readonly json: JsonPlan;
  /** Whether a body that is not a feed holds no posts; else it is uncounted. */
  readonly isOptional: boolean;
}

const ITEMS = stepsOf('$.items[*]');
const ATTACHMENTS = stepsOf('$.items[*].attachments[*]');

/** @param isOptional whether the route also matches responses that are not feeds. */
export function compileFeed(entries: readonly FeedEntry[], isOptional: boolean): PlanResult<FeedPlan> {
  const xml = compileXml(entries);
  if (!xml.ok) return xml;
  const selectors = entries.flatMap(({ feed, where }, rule): PostSelector[] => {
    // Its tests name XML elements, which JSON does not have.
    if (where !== undefined) return [];
    return feed === 'attachment'
      ? [{ path: ATTACHMENTS, id: ['url'], rule }]
      : [{ path: ITEMS, id: ['id'], rule }];
  });
  return { ok: true, plan: { xml: xml.plan, json: planJson(selectors), isOptional } };
}

function stepsOf(text: string): readonly Step[] {
  const path = parseJsonPath(text);
  if (!path.ok) throw new Error(path.message);
  return path.steps;
}

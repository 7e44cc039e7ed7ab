/** Locates the entries of a feed: in XML by the elements of RSS and Atom, in JSON by the members of JSON Feed. */

import { parseJsonPath } from '../json/automaton/path.ts';
import type { JsonPlan, PostSelector } from '../json/automaton/plan.ts';
import { planJson } from '../json/automaton/plan-json.ts';
import type { RouteProblems } from '../route/problem.ts';
import type { FeedEntry } from '../route/schema.ts';
import { compileXml, type XmlPlan } from '../xml/plan.ts';

export interface FeedPlan {
  readonly xml: XmlPlan;
  readonly json: JsonPlan;
  /** Whether a body that is not a feed holds no posts; else it is uncounted. */
  readonly isOptional: boolean;
}

const ITEMS = parseJsonPath('$.items[*]');
const ATTACHMENTS = parseJsonPath('$.items[*].attachments[*]');

/** @param isOptional whether the route also matches responses that are not feeds. */
export function compileFeed(
  entries: readonly FeedEntry[],
  isOptional: boolean,
  problems: RouteProblems,
): FeedPlan {
  const selectors = entries.flatMap(({ feed, where }, rule): PostSelector[] => {
    // Its tests name XML elements, which JSON does not have.
    if (where !== undefined) return [];
    return feed === 'attachment'
      ? [{ path: ATTACHMENTS, id: ['url'], rule }]
      : [{ path: ITEMS, id: ['id'], rule }];
  });
  return { xml: compileXml(entries, problems), json: planJson(selectors), isOptional };
}

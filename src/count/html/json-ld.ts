/** Counts posts in the JSON-LD scripts of a page: the objects of given types at any depth. */

import { PlanTooLarge } from '../json/automaton/nfa-paths.ts';
import { parseJsonPath } from '../json/automaton/path.ts';
import type { JsonPlan, PostSelector } from '../json/automaton/plan.ts';
import { ALL_NEEDS, planJson } from '../json/automaton/plan-json.ts';
import { JsonScanner } from '../json/scanner.ts';
import { jsonSkipper } from '../json/skip/resumable-skipper.ts';
import type { PostCount } from '../post-count.ts';
import type { RouteProblems } from '../route/problem.ts';
import type { PostsEntry } from '../route/schema.ts';

/** The root and every object below it, in lists, in `@graph` and in other objects. */
const PATHS = ['$', '$..[*]'].map(parseJsonPath);

/** Schema.org's vocabulary is used with two schemes, and with a prefix that is never declared. */
const SPELLINGS = ['', 'schema:', 'http://schema.org/', 'https://schema.org/'];

/** All spellings of the types. */
export function spelledTypes(types: readonly string[]): string[] {
  return types.flatMap((type) => SPELLINGS.map((prefix) => prefix + type));
}

/** The plan for all scripts; null if no entry uses JSON-LD. */
export function planJsonLd(entries: readonly PostsEntry[], problems: RouteProblems): JsonPlan | null {
  const selectors = entries.flatMap((entry, rule): PostSelector[] => {
    if (!('jsonld' in entry)) return [];
    const literals = spelledTypes(entry.jsonld);
    return PATHS.flatMap((path): PostSelector[] => {
      // An object may have one type or a list of types.
      const where = { kind: 'equals', member: ['@type'], negated: false, literals } as const;
      const selector = { path, id: [entry.id], rule };
      return [
        { ...selector, where },
        { ...selector, where: { ...where, ofElements: true } },
      ];
    });
  });
  if (selectors.length === 0) return null;
  try {
    const plan = planJson(selectors);
    plan.dfa(ALL_NEEDS);
    return plan;
  } catch (error) {
    if (!(error instanceof PlanTooLarge)) throw error;
    const rule = entries.findIndex((entry) => 'jsonld' in entry);
    problems.add([rule, 'jsonld'], `too many entries with types; combine them in one (${error.message})`);
    return null;
  }
}

/** @param type attribute of a script. */
export function isJsonLd(type: string | null): boolean {
  return type !== null && /^\s*application\/ld\+json\s*(?:;|$)/i.test(type);
}

const encoder = new TextEncoder();

export interface JsonLdScript {
  write(text: string): void;
  /** Ends the script and returns whether it was JSON. */
  end(): boolean;
}

/** Counts one script. An empty script is not an error. */
export function jsonLdScript(plan: JsonPlan, found: PostCount): JsonLdScript {
  let scanner: JsonScanner | null = null;
  return {
    write(text) {
      if (scanner === null && text.trim() === '') return;
      scanner ??= new JsonScanner(plan, jsonSkipper, found);
      scanner.write(encoder.encode(text));
    },
    end() {
      scanner?.end();
      return scanner?.failure === undefined;
    },
  };
}

/** Rules as a configuration would write them, compiled; a fault in one fails the test that wrote it. */

import { parseJsonPath } from '../../src/count/json/automaton/path.ts';
import type { PostSelector } from '../../src/count/json/automaton/plan.ts';
import { DEFAULT_KINDS } from '../../src/count/kinds.ts';
import { PostCount } from '../../src/count/post-count.ts';
import { compileRoutes } from '../../src/count/route/compile.ts';
import type { CompiledRoutes } from '../../src/count/route/rule.ts';
import { type Route, routeSchema } from '../../src/count/route/schema.ts';
import { parseWhere } from '../../src/count/where.ts';

export function selectorOf(path: string, where?: string): PostSelector {
  const steps = parseJsonPath(path);
  return { path: steps, rule: 0, ...(where !== undefined && { where: parseWhere(where) }) };
}

export function routesOf(...routes: Array<Partial<Route> & { path: string }>): CompiledRoutes {
  const parsed = routes.map((route) => routeSchema.parse({ posts: [{ json: '$.data[*]' }], ...route }));
  const compiled = compileRoutes(parsed, DEFAULT_KINDS);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.routes;
}

/** A count for as many selectors as a test may have, all of them switched on. */
export function anyPosts(): PostCount {
  const selectors = Array.from({ length: 40 }, () => ({ text: '', kind: 'post', counts: true }) as const);
  return new PostCount(selectors, false);
}

/** Rules as a configuration would write them, compiled; a fault in one fails the test that wrote it. */

import { parseJsonPath } from '../../src/count/json-path.ts';
import type { PostSelector } from '../../src/count/json-plan.ts';
import { type CompiledRoutes, compileRoutes, type Route, routeSchema } from '../../src/count/route.ts';
import { parseWhere } from '../../src/count/where.ts';

export function selectorOf(path: string, where?: string): PostSelector {
  const steps = parseJsonPath(path);
  if (!steps.ok) throw new Error(steps.message);
  if (where === undefined) return { path: steps.steps };
  const test = parseWhere(where);
  if (!test.ok) throw new Error(test.message);
  return { path: steps.steps, where: test.where };
}

export function routesOf(...routes: Array<Partial<Route> & { path: string }>): CompiledRoutes {
  const parsed = routes.map((route) => routeSchema.parse({ posts: [{ json: '$.data[*]' }], ...route }));
  const compiled = compileRoutes(parsed);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.routes;
}

/** Compiles the entries of a route as a configuration does. */

import { RouteProblems } from '../../src/count/route/problem.ts';

/** The plan, or all errors in the entries. */
export function planned<Plan>(compile: (problems: RouteProblems) => Plan) {
  const problems = new RouteProblems();
  const plan = compile(problems);
  return problems.list.length > 0
    ? ({ ok: false, problems: problems.list } as const)
    : ({ ok: true, plan } as const);
}

/** The pages of requests that failed as a whole, in the words of the API's problem. */

import type { Context, ErrorHandler, NotFoundHandler } from 'hono';
import type { AdminDeps } from '../admin/deps.ts';
import { type ProblemJson, sendError, sendNotFound } from '../admin/problem.ts';
import type { ConsoleEnv, PageContext } from './context.ts';
import { pageHeaders } from './headers.ts';
import { page } from './layout.tsx';
import { ProblemNotice } from './parts/notice.tsx';

type Deps = Pick<AdminDeps, 'log' | 'newId' | 'isLedgerAway'>;

/** Writes an unexpected error to the log, as the API does, and shows its incident id. */
export function pageErrors(deps: Deps): ErrorHandler<ConsoleEnv> {
  const send = sendError(deps.log, deps.newId, deps.isLedgerAway);
  return async (error, c) => {
    const response = await send(error, c as Context);
    return problemPage(c, (await response.json()) as ProblemJson);
  };
}

/** The page that shows a problem and nothing else. */
export function problemPage(c: PageContext, problem: ProblemJson): Response | Promise<Response> {
  return page(
    c,
    { title: problem.title, status: problem.status },
    <>
      <ProblemNotice problem={problem} />
      <p>
        <a href="/">To the first page</a>
      </p>
    </>,
  );
}

/** Browsers get a page, programs the problem. */
export const pageNotFound: NotFoundHandler = async (c) => {
  if (c.req.path.startsWith('/v1') || !c.req.header('accept')?.includes('text/html')) return sendNotFound(c);
  await pageHeaders(c, async () => {});
  return problemPage(c as PageContext, {
    type: 'about:blank',
    title: 'Not found',
    status: 404,
    code: 'not_found',
    detail: 'There is no page at this address.',
  });
};

/** The route that fetches one page of the platform and explains how the gateway counts it. Nothing is metered. */

import { createRoute, z } from '@hono/zod-openapi';
import { countPage } from '../../probe/page-count.ts';
import { requires } from '../auth.ts';
import { json, jsonBody } from '../content.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { lineOfText, NO_QUERY } from '../fields.ts';
import { fieldProblem, HttpProblem, problems } from '../problem.ts';

const MAX_HEADERS = 50;
/** Fields of the connection, and those that the probe sets itself. */
const OWN_FIELDS =
  /^(?:host|content-length|accept-encoding|connection|keep-alive|upgrade|te|trailer|transfer-encoding|expect|proxy-.*)$/i;

const HeaderName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/)
  .refine((name) => !OWN_FIELDS.test(name), {
    error: 'belongs to the connection',
    params: { hint: 'omit it' },
  });

const ProbeIn = z
  .strictObject({
    path: lineOfText(2000).openapi({
      example: '/2/tweets/search/recent?query=a',
      description: 'Path and query.',
    }),
    headers: z
      .record(
        HeaderName,
        z
          .string()
          .max(4000)
          .regex(/^[\t\x20-\x7e]*$/),
      )
      .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, {
        error: 'has too many entries',
        params: { hint: `send at most ${MAX_HEADERS}` },
      })
      .default({})
      .openapi({ description: 'Further fields of the request. They are not recorded.' }),
  })
  .openapi('Probe');

const ProbeSchema = z
  .object({
    target: z
      .string()
      .openapi({ description: 'The path that answered, after redirects on the same origin.' }),
    leadsTo: z
      .string()
      .nullable()
      .openapi({ description: 'The target of a redirect that was not followed.' }),
    status: z.int(),
    contentType: z.string(),
    bytes: z.int(),
    isTruncated: z.boolean().openapi({ description: 'true: only the beginning of the body was read.' }),
    posts: z.int().nullable().openapi({ description: 'null: they could not be counted, see `uncounted`.' }),
    by: z.string().openapi({ example: 'json' }),
    uncounted: z.string().nullable(),
    route: z.string().nullable().openapi({ description: 'The route that read the body.' }),
    fitting: z.array(z.string()).openapi({ description: 'Routes that match path and method.' }),
    postsInBody: z
      .int()
      .nullable()
      .openapi({ description: 'Posts found in the body, whatever the platform declares.' }),
    selectors: z.array(
      z.object({
        selector: z.string(),
        kind: z.string(),
        counted: z.int(),
        switchedOff: z.int().openapi({ description: 'Found, but its kind is not counted.' }),
        duplicates: z
          .int()
          .openapi({ description: 'Found, but a post that counts already, or one without an id.' }),
      }),
    ),
  })
  .openapi('ProbeResult');

export type ProbeJson = z.infer<typeof ProbeSchema>;

type Deps = Pick<AdminDeps, 'platform' | 'routes' | 'log'>;

export function probeRoutes(app: AdminApp, deps: Deps): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/probe',
      operationId: 'probePath',
      summary: 'Fetch a path of the platform once and explain how its posts are counted',
      description:
        "Sends a GET to the platform's origin, past the gateway: it is not metered and not billed. Reads at most 8 MiB for 10 seconds.",
      tags: ['usage'],
      ...requires('operator'),
      request: { query: NO_QUERY, body: jsonBody(ProbeIn) },
      responses: { ...json(200, 'The explained count.', ProbeSchema), ...problems(413, 415, 501, 502) },
    }),
    async (c) => {
      const { path, headers } = c.req.valid('json');
      const { platform, routes, log } = deps;
      if (platform === null) {
        throw new HttpProblem(
          501,
          'This process does not know the platform: set UPSTREAM, or ask a running gateway.',
        );
      }
      const target = targetOn(platform.origin, path);
      log.info({ actor: c.get('caller').actor, path: target.replace(/\?.*/s, '') }, 'the platform is probed');
      const page = await platform.fetch(target, headers);
      if (page === null) {
        throw new HttpProblem(502, 'The platform did not respond. Check that it is running, and try again.', {
          code: 'platform_unreachable',
        });
      }
      const { status, contentType, isTruncated, leadsTo = null } = page;
      const { selectors, fitting, ...count } = countPage(page, routes());
      const bytes = page.body.length;
      const about = { target: page.target, leadsTo, status, contentType, bytes, isTruncated };
      return c.json({ ...about, ...count, fitting: [...fitting], selectors: [...selectors] }, 200);
    },
  );
}

/** Throws unless the path stays on the platform's origin, which `//host` and `/\host` do not. */
function targetOn(origin: string, path: string): string {
  const isPath = path.startsWith('/') && URL.canParse(path, origin);
  const url = isPath ? new URL(path, origin) : null;
  if (url === null || url.origin !== origin || url.username !== '' || url.password !== '') {
    throw fieldProblem(400, 'path', 'is not a path of the platform', 'write it as /posts?page=1');
  }
  return url.pathname + url.search;
}

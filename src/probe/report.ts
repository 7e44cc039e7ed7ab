/** Puts together what the probe found: the preset or route that counts most, with its counts and the doubts. */

import { DEFAULT_KINDS } from '../count/kinds.ts';
import type { Preset, RouteInput } from '../count/presets/preset.ts';
import { compileRoutes } from '../count/route/compile.ts';
import type { CompiledRoutes } from '../count/route/rule.ts';
import { routeSchema } from '../count/route/schema.ts';
import { type Attempt, attempt, type ProbedPage } from './page.ts';
import type { Proposal } from './proposal.ts';
import { proposalsFor } from './shape.ts';

export interface ProbeReport {
  /** What to write in the configuration. */
  readonly configuration: { readonly platform: string } | { readonly routes: readonly RouteInput[] } | null;
  /** Posts that it counts on all the pages together. */
  readonly posts: number;
  readonly doubts: readonly string[];
  readonly pages: readonly PageReport[];
}

export interface PageReport {
  readonly target: string;
  readonly status: number;
  readonly contentType: string;
  readonly bytes: number;
  /** What each preset makes of it; those for which the page is none of theirs are left out. */
  readonly presets: ReadonlyArray<{ readonly preset: string } & Attempt>;
  /** What a route for its shape makes of it; null where no shape was found. */
  readonly shape: Attempt | null;
}

/** @param given the page that was asked for; the others were looked for around it. */
export function probeReport(pages: readonly ProbedPage[], presets: readonly Preset[]): ProbeReport {
  const compiled = presets.map((preset) => ({ name: preset.name, routes: compiledOf(preset.routes) }));
  const looked = pages.map((page) => look(page, compiled));
  const byPreset = compiled.map(({ name }) => ({ name, posts: sumOf(looked, name) }));
  const [best, second] = byPreset.filter(({ posts }) => posts > 0).sort((a, b) => b.posts - a.posts);
  const shaped = looked.filter(({ proposal }) => proposal !== null);
  const pageReports = looked.map(({ report }) => report);
  if (best !== undefined) {
    const doubts = [...doubtsAbout(best.name, pageReports)];
    const isPart = second?.name.startsWith(`${best.name}-`);
    if (second?.posts === best.posts && !isPart) {
      doubts.push(`the preset "${second.name}" counts as many; take the one that is the platform's`);
    }
    return { configuration: { platform: best.name }, posts: best.posts, doubts, pages: pageReports };
  }
  if (shaped.length === 0) {
    return { configuration: null, posts: 0, doubts: nothingFound(pageReports), pages: pageReports };
  }
  return {
    configuration: { routes: distinct(shaped.map(({ route }) => route!)) },
    posts: shaped.reduce((posts, { report }) => posts + (report.shape?.posts ?? 0), 0),
    doubts: [...new Set([ONE_SITE, ...shaped.flatMap(({ proposal }) => proposal!.doubts)])],
    pages: pageReports,
  };
}

const ONE_SITE = 'only these pages were seen: look at others, at an empty one and at an error too';

function nothingFound(pages: readonly PageReport[]): string[] {
  const names = new Set(pages.flatMap(({ presets }) => presets.map(({ preset }) => preset)));
  const known = [...names].map((name) => `"${name}"`).join(', ');
  const advice = 'no list of posts was found; try the URL of a page that surely holds posts';
  return known === '' ? [`no preset fits and ${advice}`] : [`pages of ${known} were seen, but ${advice}`];
}

interface Look {
  readonly report: PageReport;
  readonly proposal: Proposal | null;
  readonly route: RouteInput | null;
}

function look(page: ProbedPage, presets: ReadonlyArray<{ name: string; routes: CompiledRoutes }>): Look {
  const attempts = presets.flatMap(({ name, routes }) => {
    const tried = attempt(page, routes);
    return tried === null ? [] : [{ preset: name, ...tried }];
  });
  const shaped = bestShape(page);
  return {
    proposal: shaped?.proposal ?? null,
    route: shaped?.route ?? null,
    report: {
      target: page.target,
      status: page.status,
      contentType: page.contentType,
      bytes: page.body.length,
      presets: attempts,
      shape: shaped?.attempt ?? null,
    },
  };
}

/** The first proposal that counts something: they come from the surest to the vaguest. */
function bestShape(
  page: ProbedPage,
): { readonly proposal: Proposal; readonly route: RouteInput; readonly attempt: Attempt } | null {
  if (page.status < 200 || page.status > 299) return null;
  for (const proposal of proposalsFor(page)) {
    const route = routeFor(page, proposal);
    const tried = attempt(page, compiledOf([route]));
    if (tried !== null && tried.posts > 0) return { proposal, route, attempt: tried };
  }
  return null;
}

/** Numbers and long ids in a path stand for any. */
function routeFor({ target, contentType }: ProbedPage, { format, posts }: Proposal): RouteInput {
  const path = target
    .replace(/[?#].*/s, '')
    .split('/')
    .map((segment) => (/^(?:\d+|[0-9a-f-]{16,}|did:.*)$/i.test(segment) ? '*' : segment))
    .join('/');
  const media = contentType.split(';', 1)[0]!.trim();
  const isMedia = /^[\w.+-]+\/[\w.+-]+$/.test(media);
  const route = { path, ...(isMedia ? { contentType: media } : {}), posts };
  return format === 'json' ? route : { ...route, format: format as NonNullable<RouteInput['format']> };
}

function compiledOf(routes: readonly RouteInput[]): CompiledRoutes {
  const compiled = compileRoutes(
    routes.map((route) => routeSchema.parse(route)),
    DEFAULT_KINDS,
  );
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.routes;
}

function sumOf(looked: readonly Look[], preset: string): number {
  return looked.reduce(
    (sum, { report }) => sum + (report.presets.find((tried) => tried.preset === preset)?.posts ?? 0),
    0,
  );
}

function doubtsAbout(preset: string, pages: readonly PageReport[]): string[] {
  return pages.flatMap(({ target, presets, shape }): string[] => {
    const tried = presets.find((one) => one.preset === preset);
    if (tried?.uncounted !== undefined) return [`${target}: could not be counted (${tried.uncounted})`];
    if (tried === undefined && shape !== null) {
      return [`${target}: none of the preset's routes, though it looks like ${shape.posts} posts`];
    }
    const off = tried?.selectors.filter(({ switchedOff }) => switchedOff > 0) ?? [];
    return off.map(
      ({ kind, switchedOff, selector }) =>
        `${target}: ${switchedOff} items of kind "${kind}" (${selector}) are switched off`,
    );
  });
}

function distinct(routes: readonly RouteInput[]): readonly RouteInput[] {
  return [...new Map(routes.map((route) => [JSON.stringify(route), route])).values()];
}

/** Builds the result of the probe: one configuration, what it counts on the pages, and the open questions. */

import { DEFAULT_KINDS } from '../count/kinds.ts';
import type { Site } from '../count/presets/place.ts';
import type { Preset, RouteInput } from '../count/presets/preset.ts';
import { presetRoutes } from '../count/presets/presets.ts';
import { compileRoutes } from '../count/route/compile.ts';
import type { CompiledRoutes } from '../count/route/rule.ts';
import { type Route, routeSchema } from '../count/route/schema.ts';
import { chooseFrom, type PresetCandidate, presetCandidates } from './choice.ts';
import { blindSpots, doubtsAbout, leadingElsewhere } from './doubts.ts';
import { type Attempt, attempt, type PageReport, type ProbedPage, type Proposal } from './page.ts';
import { generalPaths } from './paths.ts';
import { proposalsFor } from './shape.ts';

export interface ProposedConfiguration {
  readonly platform?: Site | readonly Site[];
  readonly routes?: readonly RouteInput[];
}

export interface ProbeReport {
  /** The proposed configuration; null if nothing was found. */
  readonly configuration: ProposedConfiguration | null;
  /** Posts that it counts on all pages together. */
  readonly posts: number;
  readonly doubts: readonly string[];
  readonly pages: readonly PageReport[];
}

/** Where the posts are, judged by the page alone. */
export interface Shape {
  readonly proposal: Proposal;
  readonly attempt: Attempt;
}

/** @param bases of the site, found on its pages; the empty one is the root of the host. */
export function probeReport(
  pages: readonly ProbedPage[],
  presets: readonly Preset[],
  bases: readonly string[] = [''],
): ProbeReport {
  const compilePreset = (site: Site) => compiled(presetRoutes([site]));
  const { chosen, ties } = chooseFrom(presetCandidates(pages, presets, bases, compilePreset));
  const shapes = pages.map(shapeOf);
  const sites = chosen.map(({ site }) => site);
  const withPresets = (routes: readonly RouteInput[]) =>
    compiled([...routes.map((route) => routeSchema.parse(route)), ...presetRoutes(sites)]);
  const unhandled = proposedFor(pages, shapes, chosen);
  const first = withPresets(routesFor(pages, shapes, unhandled));
  // A route for several pages may match a page that a preset reads; that page gets a route of its own.
  const taken = pages.flatMap((page, index) => {
    const byPresets = Math.max(0, ...chosen.map(({ attempts }) => attempts[index]?.posts ?? 0));
    return shapes[index] && (attempt(page, first)?.posts ?? 0) < byPresets ? [index] : [];
  });
  const proposed = [...new Set([...unhandled, ...taken])];
  const routes = routesFor(pages, shapes, proposed);
  const all = withPresets(routes);
  const reports = pages.map((page, index) => reportOf(page, shapes[index] ?? null, attempt(page, all)));
  const found = chosen.length > 0 || routes.length > 0;
  return {
    configuration: found ? configurationOf(sites, routes) : null,
    posts: reports.reduce((sum, { counted }) => sum + (counted?.posts ?? 0), 0),
    doubts: [
      ...(found ? [] : [NOTHING]),
      ...ties.map(
        ({ name }) => `the preset "${name}" counts the same number; choose the one that matches the platform`,
      ),
      ...doubtsAbout(reports),
      ...proposed.flatMap((index) => shapes[index]!.proposal.doubts),
      ...leadingElsewhere(pages),
      ...(found ? blindSpots(reports) : []),
    ].filter((doubt, index, list) => list.indexOf(doubt) === index),
    pages: reports,
  };
}

const NOTHING =
  'no list of posts was found, and no preset fits; try the URL of a page that certainly contains posts';

function configurationOf(sites: readonly Site[], routes: readonly RouteInput[]): ProposedConfiguration {
  const [platform] = sites;
  return {
    ...(platform === undefined ? {} : { platform: sites.length === 1 ? platform : sites }),
    ...(routes.length === 0 ? {} : { routes }),
  };
}

function reportOf(page: ProbedPage, shape: Shape | null, counted: Attempt | null): PageReport {
  const { target, status, contentType, body } = page;
  return { target, status, contentType, bytes: body.length, counted, shape: shape?.attempt ?? null };
}

/** The first proposal that counts something; proposals are ordered from the most to the least specific. */
function shapeOf(page: ProbedPage): Shape | null {
  if (page.status < 200 || page.status > 299) return null;
  for (const proposal of proposalsFor(page)) {
    const tried = attempt(page, compiled([routeSchema.parse(routeAt('/**', page, proposal))]));
    if (tried !== null && tried.posts > 0) return { proposal, attempt: tried };
  }
  return null;
}

/** Indexes of the pages that have posts by their structure but no route of the chosen presets. */
function proposedFor(
  pages: readonly ProbedPage[],
  shapes: readonly (Shape | null)[],
  chosen: readonly PresetCandidate[],
): number[] {
  const isHandled = (index: number) =>
    chosen.some(({ attempts, isGeneral }) => {
      const tried = attempts[index] ?? null;
      return tried !== null && (!isGeneral || tried.posts > 0 || tried.uncounted !== undefined);
    });
  return pages.flatMap((_, index) => (shapes[index] && !isHandled(index) ? [index] : []));
}

/**
 * Pages with the same selectors share one route for each form of their paths.
 * @param indexes of the pages that need a route.
 */
function routesFor(
  pages: readonly ProbedPage[],
  shapes: readonly (Shape | null)[],
  indexes: readonly number[],
): RouteInput[] {
  const groups = new Map<string, [index: number, targets: string[]]>();
  for (const index of indexes) {
    const page = pages[index]!;
    const { format, posts } = shapes[index]!.proposal;
    const key = JSON.stringify([mediaTypeOf(page), format, posts]);
    const [first, targets] = groups.get(key) ?? [index, []];
    groups.set(key, [first, [...targets, page.target]]);
  }
  const routes = [...groups.values()].flatMap(([index, targets]) =>
    generalPaths(targets).map((path) => routeAt(path, pages[index]!, shapes[index]!.proposal)),
  );
  // A path with a wildcard must not match what another path names exactly.
  return routes.toSorted((a, b) => wildcardsIn(a.path) - wildcardsIn(b.path));
}

function wildcardsIn(path: string): number {
  return path.split('*').length - 1;
}

function routeAt(path: string, page: ProbedPage, { format, posts }: Proposal): RouteInput {
  const contentType = mediaTypeOf(page);
  const route = { path, ...(contentType === null ? {} : { contentType }), posts };
  return format === 'json' ? route : { ...route, format: format as NonNullable<RouteInput['format']> };
}

function mediaTypeOf({ contentType }: ProbedPage): string | null {
  const media = contentType.split(';', 1)[0]!.trim().toLowerCase();
  return /^[\w.+-]+\/[\w.+-]+$/.test(media) ? media : null;
}

function compiled(routes: readonly Route[]): CompiledRoutes {
  const result = compileRoutes(routes, DEFAULT_KINDS);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.routes;
}

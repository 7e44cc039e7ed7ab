/** Chooses the presets that match the platform, by what each of them finds on the pages. */

import type { Site } from '../count/presets/place.ts';
import { isAnywhere, type Preset, type RouteInput } from '../count/presets/preset.ts';
import type { CompiledRoutes } from '../count/route/rule.ts';
import { type Attempt, attempt, type ProbedPage } from './page.ts';

/** A preset at the root of the host or below a base, with its result for each page. */
export interface PresetCandidate {
  readonly site: Site;
  readonly name: string;
  readonly base: string;
  /** By page; null if none of its routes matches. */
  readonly attempts: ReadonlyArray<Attempt | null>;
  readonly posts: number;
  /** True if it found posts by a path or by marks of its platform, not only by a media type. */
  readonly isSure: boolean;
  /** True if it applies to any path of any platform, as the feeds preset does. */
  readonly isGeneral: boolean;
}

/** @param bases of the site; the empty one is the root of its host. */
export function presetCandidates(
  pages: readonly ProbedPage[],
  presets: readonly Preset[],
  bases: readonly string[],
  compile: (site: Site) => CompiledRoutes,
): readonly PresetCandidate[] {
  return presets.flatMap((preset) =>
    bases.map((base): PresetCandidate => {
      const site: Site = base === '' ? preset.name : { name: preset.name, base };
      const routes = compile(site);
      const attempts = pages.map((page) => attempt(page, routes));
      const telling = new Set(preset.routes.filter(isTelling).map(({ name, path }) => name ?? path));
      return {
        site,
        name: preset.name,
        base,
        attempts,
        posts: attempts.reduce((sum, tried) => sum + (tried?.posts ?? 0), 0),
        isSure: attempts.some(
          (tried) => tried !== null && tried.posts > 0 && telling.has(ownName(tried.route)),
        ),
        isGeneral: preset.routes.every(isAnywhere),
      };
    }),
  );
}

/** The name of a route in its preset, without the base below which it was placed. */
function ownName(route: string): string {
  return route.replace(/ below \/.*/s, '');
}

/** Whether posts that a route finds identify the platform: by its own marks in a page, or by an unusual path. */
function isTelling({ path, query, format }: RouteInput): boolean {
  if (format === 'feed') return false;
  if (format === 'html' || query !== undefined) return true;
  const segments = path.split('/').slice(1);
  const literals = segments.filter((segment) => !segment.includes('*'));
  return literals.length >= 2 || literals.length === segments.length;
}

export interface PresetChoice {
  readonly chosen: readonly PresetCandidate[];
  /** Candidates that count the same number of posts; a person must decide. */
  readonly ties: readonly PresetCandidate[];
}

/**
 * Chooses the candidate that finds the most posts. Ties are resolved by certainty, then by the root, then by the most
 * general of a family (`wordpress` before `wordpress-rest`). General presets are added if they find posts on pages on
 * which the chosen one finds none.
 */
export function chooseFrom(candidates: readonly PresetCandidate[]): PresetChoice {
  const finding = candidates.filter(({ posts, isSure, isGeneral }) => posts > 0 && (isSure || isGeneral));
  const [best, ...others] = finding.toSorted(
    (a, b) =>
      Number(b.isSure && !b.isGeneral) - Number(a.isSure && !a.isGeneral) ||
      b.posts - a.posts ||
      a.base.length - b.base.length ||
      a.name.length - b.name.length,
  );
  if (best === undefined) return { chosen: [], ties: [] };
  const chosen = [best];
  for (const other of others.filter(({ isGeneral }) => isGeneral)) {
    const addsPosts = other.attempts.some(
      (tried, page) =>
        (tried?.posts ?? 0) > 0 && chosen.every(({ attempts }) => (attempts[page]?.posts ?? 0) === 0),
    );
    if (addsPosts) chosen.push(other);
  }
  const isAlike = (other: PresetCandidate) =>
    other.posts === best.posts && other.isGeneral === best.isGeneral && other.name !== best.name;
  const ties = others.filter(
    (other) => isAlike(other) && !isFamily(other.name, best.name) && !chosen.includes(other),
  );
  return { chosen, ties };
}

/** `wordpress` and `wordpress-rest` are a family; so are `feeds` and `json-feed`, which `feeds` also reads. */
function isFamily(one: string, other: string): boolean {
  return (
    one.startsWith(`${other}-`) || other.startsWith(`${one}-`) || (one === 'json-feed' && other === 'feeds')
  );
}

/**
 * The subjects that a request names before the platform answers: its blog by the host, each prefix of its path, and what
 * the rules of the configuration read from path, query and host.
 */

import { z } from 'zod';
import {
  decodeEscapes,
  normalPathsOf,
  type PathPattern,
  parsePattern,
  pathnameOf,
  queryOf,
} from '../count/route/path.ts';
import type { RouteProblems } from '../count/route/problem.ts';
import {
  compileQuery,
  type Parameter,
  parameterName,
  parametersOf,
  passesQuery,
  type QueryTest,
} from '../count/route/query.ts';
import { pathReadings } from './path-readings.ts';
import {
  canonicalHost,
  MAX_SUBJECT_NAME,
  SUBJECT_KINDS,
  type Subject,
  type SubjectKind,
  subjectOf,
} from './subject.ts';

const source = z
  .string()
  .regex(
    /^(?:host|segment [1-9]|query [^\s]{1,100}(?: segment [1-9])?)$/,
    'must be "host", "segment N" (from 1), "query NAME" or "query NAME segment N"',
  );

export const subjectRuleSchema = z
  .strictObject({
    path: z.string().min(1).max(1_000).describe('Path pattern, as in routes, such as "/author/*" or "/**".'),
    query: z
      .record(z.string().min(1).max(100), z.string().max(1_000))
      .optional()
      .describe(
        'Parameters that the request must have, as in routes. A value that begins with "/" is a path pattern.',
      ),
    kind: z.enum(SUBJECT_KINDS).describe('What the name is the name of.'),
    from: source.describe(
      'Where the name is: "segment N" of the path, the "host", or "query NAME". A list in a parameter names several subjects. "query NAME segment N" reads a parameter that is a path, such as rest_route.',
    ),
    scope: source
      .optional()
      .describe('Where the scope of the name is. Absent: names are unique on the platform.'),
  })
  .describe('Where requests name a post, an author, a blog or a path, so that the request can be refused.');

export type SubjectRuleConfig = z.output<typeof subjectRuleSchema>;

export interface SubjectRule {
  readonly pattern: PathPattern;
  readonly query: readonly QueryTest[];
  readonly kind: SubjectKind;
  readonly from: NameSource;
  readonly scope: NameSource | null;
}

/** `segment` counts from 1; null if the whole value of the parameter is the name. */
type NameSource =
  | { readonly kind: 'host' }
  | { readonly kind: 'path'; readonly segment: number }
  | { readonly kind: 'query'; readonly name: string; readonly segment: number | null };

/** Prefixes of a path that are looked up. */
const MAX_SEGMENTS = 8;
/** Names that one parameter may list. */
const MAX_LISTED = 100;

/** Compiles the rules of a configuration. Faults are added to `problems`. */
export function compileSubjectRules(
  rules: readonly SubjectRuleConfig[],
  problems: RouteProblems,
): readonly SubjectRule[] {
  return rules.map(({ path, kind, query = {}, from, scope }, index) => {
    const place = problems.below(index);
    return {
      pattern: place.read(['path'], () => parsePattern(path)) ?? /$/,
      query: compileQuery(query, place),
      kind,
      from: sourceOf(from),
      scope: scope === undefined ? null : sourceOf(scope),
    };
  });
}

/** @param text matches the schema's pattern. */
function sourceOf(text: string): NameSource {
  const [kind, name = '', , segment] = text.split(' ');
  if (kind === 'host') return { kind };
  if (kind === 'segment') return { kind: 'path', segment: Number(name) };
  return {
    kind: 'query',
    name: parameterName(name),
    segment: segment === undefined ? null : Number(segment),
  };
}

interface NamedSubjects {
  /** In canonical form; without duplicates. */
  readonly subjects: readonly Subject[];
  /** True if a parameter names one of them. Such a request is not for a free path. */
  readonly isByQuery: boolean;
}

/**
 * The subjects of a request.
 * @param target path and query as they are forwarded to the platform.
 * @param hosts by which the platform may recognise the blog, as they were sent.
 */
export function requestSubjects(
  rules: readonly SubjectRule[],
  target: string,
  hosts: readonly string[],
): NamedSubjects {
  const blogs = hosts.length === 0 ? [''] : hosts.flatMap(siteHosts);
  const pathname = pathnameOf(target);
  const spellings = normalPathsOf(pathname);
  const readings = pathReadings(pathname);
  const parameters = parametersOf(queryOf(target));
  const found = new FoundSubjects();
  for (const blog of blogs) {
    found.add('blog', '', blog);
    for (const path of readings) addPrefixes(found, path, blog);
  }
  let isByQuery = false;
  for (const { pattern, query, kind, from, scope } of rules) {
    if (!passesQuery(query, parameters)) continue;
    for (const path of spellings.filter((one) => pattern.test(one))) {
      for (const host of blogs) {
        const place = { path, host, parameters };
        const scopes = scope === null ? [''] : namesIn(scope, place);
        const names = namesIn(from, place);
        for (const one of scopes) for (const name of names) found.add(kind, one, name);
        isByQuery ||= from.kind === 'query' && names.length > 0;
      }
    }
  }
  return { subjects: found.subjects, isByQuery };
}

/** A host, and the one without `www.`: WordPress serves the blogs of two.example for www.two.example, too. */
function siteHosts(host: string): string[] {
  const name = canonicalHost(host);
  return name.startsWith('www.') ? [name, name.slice('www.'.length)] : [name];
}

/** Settings of paths name the host as their scope, or no scope on a platform with one host. */
function addPrefixes(found: FoundSubjects, path: string, host: string): void {
  const segments = path.split('/').slice(1, MAX_SEGMENTS + 1);
  let prefix = '';
  for (const name of ['/', ...segments.map((segment) => (prefix += `/${segment}`))]) {
    found.add('path', '', name);
    if (host !== '') found.add('path', host, name);
  }
}

interface Place {
  readonly path: string;
  readonly host: string;
  readonly parameters: readonly Parameter[];
}

function namesIn(source: NameSource, { path, host, parameters }: Place): string[] {
  if (source.kind === 'host') return [host];
  if (source.kind === 'path') return [path.split('/')[source.segment] ?? ''];
  const { segment } = source;
  const values = parameters
    .filter(({ name }) => name === source.name)
    .map(({ value }) => decodeEscapes(value));
  if (segment !== null) {
    return values.flatMap((value) => normalPathsOf(value).map((one) => one.split('/')[segment] ?? ''));
  }
  return values.flatMap((value) => value.split(',').slice(0, MAX_LISTED)).map((name) => name.trim());
}

class FoundSubjects {
  readonly #byKey = new Map<string, Subject>();

  get subjects(): readonly Subject[] {
    return [...this.#byKey.values()];
  }

  add(kind: SubjectKind, scope: string, name: string): void {
    if (name === '' || name.length > MAX_SUBJECT_NAME || scope.length > MAX_SUBJECT_NAME) return;
    const subject = subjectOf(kind, scope, name);
    this.#byKey.set(`${kind} ${subject.scope} ${subject.name}`, subject);
  }
}

/** A compiled route, as each request uses it: patterns and plans. */

import type { RecordPlan } from '../atproto/plan.ts';
import type { CsvPlan } from '../csv/plan.ts';
import type { FeedPlan } from '../feed/plan.ts';
import type { GraphqlPlan } from '../graphql/plan.ts';
import type { HtmlPlan } from '../html/plan.ts';
import type { JsonPlan } from '../json/automaton/plan.ts';
import type { SelectorRule } from '../post-count.ts';
import type { TextPlan } from '../text/plan.ts';
import type { XmlPlan } from '../xml/plan.ts';
import type { PathPattern } from './path.ts';
import type { QueryTest } from './query.ts';
import type { PostsEntry } from './schema.ts';

export interface RuleHead {
  readonly name: string;
  readonly pattern: PathPattern;
  readonly methods: ReadonlySet<string> | null;
  readonly query: readonly QueryTest[];
  readonly contentType: RegExp | null;
}

/** How a body is read, and where its posts are. */
export type FormatPlan =
  | {
      readonly format: 'json' | 'jsonp' | 'ndjson' | 'json-seq' | 'multipart' | 'websocket' | 'socketio';
      readonly plan: JsonPlan;
    }
  /** `events` null: all events. */
  | { readonly format: 'sse'; readonly plan: JsonPlan; readonly events: ReadonlySet<string> | null }
  | { readonly format: 'graphql'; readonly plan: GraphqlPlan }
  | { readonly format: 'feed'; readonly plan: FeedPlan }
  | { readonly format: 'xml'; readonly plan: XmlPlan }
  | { readonly format: 'html'; readonly plan: HtmlPlan }
  | { readonly format: 'csv'; readonly plan: CsvPlan }
  | { readonly format: 'text'; readonly plan: TextPlan }
  | { readonly format: 'car' | 'firehose'; readonly plan: RecordPlan };

/** A rule with posts, in one of the formats. */
export type CountedRule = RuleHead &
  FormatPlan & {
    /** In the order of the route's `posts`. */
    readonly selectors: readonly SelectorRule[];
    /** The route's `posts` as the operator wrote them. */
    readonly entries: readonly PostsEntry[];
    /** True if its frames count one by one while the response runs. */
    readonly isStream: boolean;
    /** The same rule for statuses that promise no posts, under which a single object may be an error. */
    readonly onError?: CountedRule;
  };

export type Rule = CountedRule | (RuleHead & { readonly format: 'none' });

/** The rules that match a request, in order; the response's media type may decide which one applies. */
export type RouteMatch = readonly Rule[];

/** The rules that match a path. Method and parameters of a request select among them. */
export interface Candidates {
  readonly rules: RouteMatch;
  /** True if some response at this path may hold posts. */
  readonly mayHavePosts: boolean;
  /** True if all rules apply regardless of the request's method and parameters. */
  readonly isFixed: boolean;
}

export interface CompiledRoutes {
  readonly rules: readonly Rule[];
  /** By path as it was sent. */
  readonly byPath: Map<string, Candidates>;
}

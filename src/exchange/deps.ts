/** What the gateway takes from its runtime: a request as it arrived, and the dependencies of the stages. */

import type { PaceLimiter, RateLimiter } from '../admit/port.ts';
import type { CountLimits } from '../count/create-counter.ts';
import type { CrossCheck } from '../count/cross-check.ts';
import type { Sha256Hex } from '../count/graphql/documents.ts';
import type { GraphqlReading } from '../count/graphql/request.ts';
import type { Decoders } from '../count/port.ts';
import type { RequestLimits } from '../count/request-body/request-reader.ts';
import type { CompiledRoutes } from '../count/route/rule.ts';
import type { UncountedReason } from '../count/uncounted.ts';
import type { RequestHeaderOptions } from '../forward/request-headers.ts';
import type { Askers } from '../identify/asker/askers.ts';
import type { Directory } from '../identify/directory.ts';
import type { Identify } from '../identify/identify.ts';
import type { Peer } from '../identify/peer.ts';
import type { ReleaseCallback } from '../meter/meter.ts';
import type { Total } from '../meter/port.ts';
import type { Usage } from '../meter/usage.ts';
import type { AccessEntry } from '../report/access.ts';
import type { GatewayCounters } from '../report/gateway-counters.ts';
import type { RightsLookup } from '../rights/port.ts';
import type { SubjectRule } from '../rights/request-subjects.ts';
import type { TermsPublisher } from '../terms/published.ts';
import type { RobotsFault } from '../terms/replacement.ts';

/** Dependencies of the stages. Every call is synchronous and in memory, except `firstTotal`. */
export interface GatewayDeps {
  readonly identify: Identify;
  readonly askers: Askers;
  /** True if a request with an invalid signature gets 403. */
  readonly refusesInvalidSignatures: boolean;
  readonly peer: (remote: string | undefined) => Peer;
  readonly directory: () => Directory;
  readonly total: (clientId: string, nowMs: number) => Total;
  /** False while the total covers only this process, because the window store has not answered for the client. */
  readonly isTotalKnown: (clientId: string) => boolean;
  /**
   * Waits, within a bound, for the window store at a client's first request in this process. Null for every other
   * request, because only a client whose tariff refuses has to wait (design, section 5).
   */
  readonly firstTotal: (clientId: string, nowMs: number) => Promise<void> | null;
  readonly pace: PaceLimiter | null;
  readonly rights: RightsLookup;
  /** Limits the clients that an operator slows down. */
  readonly rates: RateLimiter;
  /** Where requests name the subjects of rights. */
  readonly subjectRules: readonly SubjectRule[];
  readonly forward: RequestHeaderOptions;
  readonly routes: CompiledRoutes;
  readonly decoders: Decoders;
  readonly countLimits: CountLimits;
  /** Limits for a request body that is read before the platform gets it. */
  readonly requestLimits: RequestLimits;
  /** True if posted forms are read when routes depend on their parameters. */
  readonly readsForms: boolean;
  readonly graphql: Pick<GraphqlReading, 'refusesUnreadable' | 'decode'>;
  readonly sha256Hex: Sha256Hex;
  /** Null if no response is counted a second time. */
  readonly crossCheck: CrossCheck | null;
  /** What the policy in force publishes. */
  readonly terms: TermsPublisher;
  /** Called if the platform's robots.txt cannot be merged, or not as a whole. */
  readonly onRobotsFault: (fault: RobotsFault) => void;
  /** Lower-case name of the header in which the upstream declares a count. */
  readonly countHeader: string;
  /** Journals usage, then calls `released`. */
  readonly record: (usage: Usage, released: ReleaseCallback) => void;
  /** True if the client's usage cannot be journalled now and the configuration says to refuse in that case. */
  readonly isUnmeterable: (clientId: string) => boolean;
  /** True if in-flight plus queued requests, including this one, exceed the limit. */
  readonly isOverloaded: () => boolean;
  readonly bucketSeconds: number;
  readonly nowMs: () => number;
  readonly tally: GatewayCounters;
  /** Monotonic milliseconds, for durations. */
  readonly stopwatch: () => number;
  /** Receives an entry for each request; null if there is no access log. */
  readonly access: ((entry: AccessEntry) => void) | null;
  /**
   * Called for every response whose posts could not be counted, so that it is never silently 0 (design, section 3).
   */
  readonly onUncounted: (route: string, reason: UncountedReason) => void;
}

/**
 * Settings from Jetstream, the event stream of Bluesky: what accounts declare about the reuse of their data (proposal
 * 0008, user intents), and whether they are active.
 */

import { z } from 'zod';
import type { NewSetting } from '../setting.ts';
import type { SettingValue, State } from '../state.ts';
import { subjectOf } from '../subject.ts';

export const INTENTS_COLLECTION = 'org.user-intents.declaration';

/** The preference that follows from each intent. The other intents concern no state of the registry. */
const PREFERENCE_OF = {
  syntheticContentGeneration: 'no_training',
  bulkDataset: 'no_partner_sharing',
  publicAccessArchive: 'no_archive',
} as const satisfies Record<string, State>;

const ACCOUNT_STATES = ['deleted', 'suspended', 'deactivated'] as const;
/** An inactive account with another status may become active again. */
const STATE_OF_STATUS: Readonly<Record<string, (typeof ACCOUNT_STATES)[number]>> = {
  deleted: 'deleted',
  takendown: 'suspended',
  suspended: 'suspended',
};

/** An account can publish any record, so an intent that cannot be read counts as not declared. */
const intent = z
  .object({ allow: z.boolean().optional().catch(undefined) })
  .optional()
  .catch(undefined);
const event = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('commit'),
    did: z.string(),
    time_us: z.int(),
    commit: z.object({
      operation: z.enum(['create', 'update', 'delete']),
      collection: z.string(),
      rkey: z.string(),
      record: z
        .object({ syntheticContentGeneration: intent, bulkDataset: intent, publicAccessArchive: intent })
        .optional(),
    }),
  }),
  z.object({
    kind: z.literal('account'),
    did: z.string(),
    time_us: z.int(),
    account: z.object({ active: z.boolean(), status: z.string().optional() }),
  }),
  z.object({ kind: z.literal('identity'), did: z.string(), time_us: z.int() }),
]);

export interface StreamPosition {
  /** Settings of the event; none if it concerns no state. */
  readonly settings: readonly NewSetting[];
  /** The cursor after the event, in microseconds since the epoch. */
  readonly cursor: number;
}

/** Returns null if the message is not an event of Jetstream. */
export function readJetstream(message: unknown): StreamPosition | null {
  const parsed = event.safeParse(message);
  if (!parsed.success) return null;
  const { data } = parsed;
  const values = data.kind === 'commit' ? intentValues(data.commit) : accountValues(data);
  const subject = subjectOf('author', '', data.did);
  // The time of the event, and not the time that the account wrote into its record, which may be any.
  const effectiveAtMs = Math.floor(data.time_us / 1000);
  const settings = values.map(([state, value]) => ({ subject, state, value, effectiveAtMs, ref: null }));
  return { settings, cursor: data.time_us };
}

type Stated = readonly [State, SettingValue];
type Commit = Extract<z.output<typeof event>, { kind: 'commit' }>['commit'];

function intentValues({ collection, rkey, operation, record }: Commit): Stated[] {
  if (collection !== INTENTS_COLLECTION || rkey !== 'self') return [];
  return Object.entries(PREFERENCE_OF).map(([name, state]) => {
    const allow = operation === 'delete' ? undefined : record?.[name as keyof typeof PREFERENCE_OF]?.allow;
    return [state, allow === undefined ? 'unset' : allow ? 'off' : 'on'];
  });
}

/** `active` decides, and the status explains it (specification of accounts). */
function accountValues(data: Exclude<z.output<typeof event>, { kind: 'commit' }>): Stated[] {
  if (data.kind === 'identity') return [];
  const { active, status = '' } = data.account;
  const holds = active ? null : (STATE_OF_STATUS[status] ?? 'deactivated');
  return ACCOUNT_STATES.map((state) => [state, state === holds ? 'on' : 'unset']);
}

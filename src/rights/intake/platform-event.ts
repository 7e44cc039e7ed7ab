/** Maps the events of the platform's webhook to settings: its own types, and the compliance objects of X. */

import { z } from 'zod';
import { SETTING_VALUES, type SettingValue, STATES, type State } from '../state.ts';
import { type SubjectKind, subjectOf } from '../subject.ts';
import { type EventReading, readComplianceEvent } from './compliance-event.ts';
import { effectiveAtSchema, rowText } from './setting-row.ts';

type Values = Readonly<Partial<Record<State, SettingValue>>>;

interface EventRule {
  /** The first one is the default. */
  readonly kinds: readonly [SubjectKind, ...SubjectKind[]];
  /** Null: the event names them in `data.states`. */
  readonly values: Values | null;
}

const POST = ['post', 'path'] as const;
/** A path names a blog in a folder. */
const AUTHOR = ['author', 'blog', 'path'] as const;

/**
 * Reversals switch the states off instead of withdrawing them. A withdrawal of what was never stated is not stored, and
 * an older event that arrives later would then hold.
 */
const RULES: Readonly<Record<string, EventRule>> = {
  'post.deleted': { kinds: POST, values: { deleted: 'on' } },
  'post.restored': { kinds: POST, values: { deleted: 'off' } },
  'post.edited': { kinds: POST, values: {} },
  'post.visibility_changed': { kinds: POST, values: null },
  'author.settings_changed': { kinds: AUTHOR, values: null },
  'author.deleted': { kinds: AUTHOR, values: { deleted: 'on' } },
  'author.suspended': { kinds: AUTHOR, values: { suspended: 'on' } },
  'author.deactivated': { kinds: AUTHOR, values: { deactivated: 'on' } },
  'author.restored': { kinds: AUTHOR, values: { deleted: 'off', suspended: 'off', deactivated: 'off' } },
};

export const RIGHTS_EVENT_TYPES: readonly string[] = Object.keys(RULES);

/**
 * Reads one event. Fields that no setting needs are ignored.
 * @param ref the id of the webhook.
 * @param nowMs events that are dated later than a few minutes after it have a fault.
 */
export function readPlatformEvent(given: unknown, ref: string, nowMs: number): EventReading {
  const event = z.looseObject({ type: z.unknown().optional() }).safeParse(given).data;
  if (event === undefined) return { kind: 'unknown_type' };
  if (event.type === undefined) return readComplianceEvent(event, ref, nowMs);
  const type = String(event.type);
  if (!Object.hasOwn(RULES, type)) return { kind: 'unknown_type' };
  const rule = RULES[type]!;
  const parsed = eventSchema(rule, nowMs).safeParse(event);
  if (!parsed.success) return { kind: 'faults', issues: parsed.error.issues };
  const { timestamp, data } = parsed.data;
  const subject = subjectOf(data.kind, data.scope, data.name);
  const values = Object.entries(rule.values ?? data.states ?? {}) as [State, SettingValue][];
  const settings = values.map(([state, value]) => ({ subject, state, value, effectiveAtMs: timestamp, ref }));
  return { kind: 'settings', settings };
}

function eventSchema({ kinds, values }: EventRule, nowMs: number) {
  const stated = z
    .partialRecord(z.enum(STATES), z.enum(SETTING_VALUES))
    .refine((states) => Object.keys(states).length > 0, {
      error: 'names no state',
      params: { hint: 'send at least one state, for example {"private": "on"}' },
    });
  return z.object({
    timestamp: effectiveAtSchema(() => nowMs),
    data: z.object({
      kind: z.enum(kinds).default(kinds[0]),
      scope: rowText(0).default(''),
      name: rowText(1),
      states: values === null ? stated : stated.optional().catch(undefined),
    }),
  });
}

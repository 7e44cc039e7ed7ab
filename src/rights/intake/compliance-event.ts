/**
 * Reads the compliance objects of X as X sends them: one key that names the event, with `timestamp_ms` (version 1.1), or
 * with `event_at` inside `data` (version 2).
 */

import { z } from 'zod';
import type { NewSetting } from '../setting.ts';
import type { SettingValue, State } from '../state.ts';
import { subjectOf } from '../subject.ts';
import { effectiveAtSchema } from './setting-row.ts';

type Effect = readonly ['post' | 'author', State, SettingValue];

/** Null: the event concerns no state of the registry. A dropped post is hidden until it is undropped. */
const EFFECTS: Readonly<Record<string, Effect | null>> = {
  delete: ['post', 'deleted', 'on'],
  tweet_delete: ['post', 'deleted', 'on'],
  drop: ['post', 'private', 'on'],
  undrop: ['post', 'private', 'off'],
  user_delete: ['author', 'deleted', 'on'],
  user_undelete: ['author', 'deleted', 'off'],
  user_protect: ['author', 'private', 'on'],
  user_unprotect: ['author', 'private', 'off'],
  user_suspend: ['author', 'suspended', 'on'],
  user_unsuspend: ['author', 'suspended', 'off'],
  scrub_geo: null,
  status_withheld: null,
  tweet_edit: null,
  tweet_withheld: null,
  user_profile_modification: null,
  user_withheld: null,
  withheld: null,
};

export type EventReading =
  /** No settings: the event concerns no state. */
  | { readonly kind: 'settings'; readonly settings: readonly NewSetting[] }
  | { readonly kind: 'unknown_type' }
  | { readonly kind: 'faults'; readonly issues: readonly z.core.$ZodIssue[] };

type Fields = Readonly<Record<string, unknown>>;

/** @param ref the id of the webhook. */
export function readComplianceEvent(given: Fields, ref: string, nowMs: number): EventReading {
  const events = fieldsOf(given.data) ?? given;
  const name = Object.keys(events).find((key) => Object.hasOwn(EFFECTS, key));
  if (name === undefined) return { kind: 'unknown_type' };
  const effect = EFFECTS[name]!;
  if (effect === null) return { kind: 'settings', settings: [] };
  const event = fieldsOf(events[name]) ?? {};
  const about = fieldsOf(event.tweet) ?? fieldsOf(event.status) ?? fieldsOf(event.user) ?? event;
  const found = { id: about.id_str ?? about.id, event_at: event.event_at ?? isoOf(event.timestamp_ms) };
  const parsed = eventSchema(nowMs).safeParse(found);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => ({ ...issue, path: [name, ...issue.path] }));
    return { kind: 'faults', issues };
  }
  const [kind, state, value] = effect;
  const subject = subjectOf(kind, '', parsed.data.id);
  return {
    kind: 'settings',
    settings: [{ subject, state, value, effectiveAtMs: parsed.data.event_at, ref }],
  };
}

function eventSchema(nowMs: number) {
  const exact = z.unknown().refine(isExactId, {
    error: 'is not a whole number that can be read exactly',
    params: { hint: 'send the id as a string of digits, in id or id_str' },
  });
  return z.object({ id: exact.transform(String), event_at: effectiveAtSchema(() => nowMs) });
}

/** A number above 2^53 has lost digits when it is read, so it names another post. */
function isExactId(id: unknown): boolean {
  return typeof id === 'string' ? /^\d{1,20}$/.test(id) : Number.isSafeInteger(id);
}

/** Milliseconds as ISO 8601; anything else as it is. */
function isoOf(timestampMs: unknown): unknown {
  return /^\d{1,15}$/.test(String(timestampMs)) ? new Date(Number(timestampMs)).toISOString() : timestampMs;
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null ? (value as Fields) : null;
}

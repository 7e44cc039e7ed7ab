/**
 * The tables of askers, rights and policies. Settings, policies and epochs are final; triggers in drizzle/ enforce this.
 */

import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import type { JWK } from 'jose';
import type { WrittenSettings } from '../../../admin/rights/port.ts';
import { SHARED_RESULTS } from '../../../identify/reverse-dns/port.ts';
import { ASKER_CLASSES, EVIDENCE } from '../../../rights/asker.ts';
import { SETTING_VALUES, STATES } from '../../../rights/state.ts';
import { SUBJECT_KINDS } from '../../../rights/subject.ts';
import { count, moment } from '../columns.ts';
import { journals } from '../schema.ts';

/** The published keys of a signer (Web Bot Auth), shared by all processes. */
export const agentDirectories = pgTable('agent_directories', {
  url: text('url').primaryKey(),
  /** When a fetch last succeeded; null if none did. */
  fetchedAt: moment('fetched_at'),
  freshUntil: moment('fresh_until'),
  /** A JWK Set; null if no fetch succeeded. */
  keys: jsonb('keys').$type<{ readonly keys: readonly JWK[] }>(),
  /** Why the last fetch failed; null if it succeeded. */
  failure: text('failure'),
  /** Failures in a row. */
  failures: integer('failures').notNull(),
  triedAt: moment('tried_at').notNull(),
});

/** The published address ranges of agents. */
export const agentLists = pgTable('agent_lists', {
  url: text('url').primaryKey(),
  fetchedAt: moment('fetched_at'),
  etag: text('etag'),
  /** The last good list. */
  prefixes: jsonb('prefixes').$type<string[]>(),
  failure: text('failure'),
  triedAt: moment('tried_at').notNull(),
});

/** Verdicts by forward-confirmed reverse DNS. */
export const agentVerdicts = pgTable(
  'agent_verdicts',
  {
    address: text('address').notNull(),
    agent: text('agent').notNull(),
    verdict: text('verdict', { enum: SHARED_RESULTS }).notNull(),
    /** The names that reverse DNS returned. */
    names: text('names').array().notNull(),
    checkedAt: moment('checked_at').notNull(),
    untilAt: moment('until_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.address, t.agent] }),
    index('agent_verdicts_agent').on(t.agent, t.checkedAt),
    index('agent_verdicts_until').on(t.untilAt),
  ],
);

/** Who states settings: the platform's webhook, an import, an operator. */
export const rightsSources = pgTable('rights_sources', {
  id: text('id').primaryKey(),
  createdAt: moment('created_at').notNull(),
});

export const rightsSubjects = pgTable(
  'rights_subjects',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    kind: text('kind', { enum: SUBJECT_KINDS }).notNull(),
    scope: text('scope').notNull(),
    name: text('name').notNull(),
  },
  (t) => [unique('rights_subjects_name').on(t.kind, t.scope, t.name)],
);

/** One dated statement of one source about one state of one subject. Sequences are committed in order. */
export const rightsSettings = pgTable(
  'rights_settings',
  {
    sequence: bigint('sequence', { mode: 'number' }).primaryKey(),
    subjectId: bigint('subject_id', { mode: 'number' })
      .notNull()
      .references(() => rightsSubjects.id),
    state: text('state', { enum: STATES }).notNull(),
    value: text('value', { enum: SETTING_VALUES }).notNull(),
    /** When the source says that it holds. */
    effectiveAt: moment('effective_at').notNull(),
    receivedAt: moment('received_at').notNull(),
    sourceId: text('source_id')
      .notNull()
      .references(() => rightsSources.id),
    /** The source's own name for the statement: a row of a file, the id of a webhook message. */
    sourceRef: text('source_ref'),
    actor: text('actor').notNull(),
    reason: text('reason').notNull(),
  },
  (t) => [
    index('rights_settings_subject').on(t.subjectId, t.sequence),
    index('rights_settings_source').on(t.sourceId, t.subjectId, t.sequence),
  ],
);

/** The fold of `rights_settings` by subject, from which processes build the registry in memory. */
export const rightsCurrent = pgTable(
  'rights_current',
  {
    subjectId: bigint('subject_id', { mode: 'number' })
      .primaryKey()
      .references(() => rightsSubjects.id),
    onStates: integer('on_states').notNull(),
    offStates: integer('off_states').notNull(),
    /** Sequence of the last setting that changed the subject. */
    sequence: count('sequence').notNull(),
    changedAt: moment('changed_at').notNull(),
  },
  (t) => [index('rights_current_sequence').on(t.sequence)],
);

/** Versions of the one policy that is published and enforced. */
export const rightsPolicies = pgTable(
  'rights_policies',
  {
    version: integer('version').primaryKey(),
    validFrom: moment('valid_from').notNull(),
    document: jsonb('document').notNull(),
    /** SHA-256 (hex) over the canonical JSON (RFC 8785) of the document. */
    sha256: text('sha256').notNull(),
    createdAt: moment('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    reason: text('reason').notNull(),
  },
  (t) => [index('rights_policies_valid').on(t.validFrom)],
);

/** What askers took or would have been refused, by hour. Any matrix can be judged from it, because masks are exact. */
export const rightsExposure = pgTable(
  'rights_exposure',
  {
    hourAt: moment('hour_at').notNull(),
    clientId: text('client_id').notNull(),
    class: text('class', { enum: ASKER_CLASSES }).notNull(),
    /** The second class of an unproven claim; empty if there is none. */
    alsoAs: text('also_as').notNull(),
    /** Empty if no agent is claimed or proven. */
    agent: text('agent').notNull(),
    evidence: text('evidence', { enum: EVIDENCE }).notNull(),
    verdict: text('verdict').notNull(),
    route: text('route').notNull(),
    /** The effective states of the resource (src/rights/state.ts). */
    mask: integer('mask').notNull(),
    /** Whether the response was withheld. In shadow mode nothing is. */
    withheld: integer('withheld').notNull(),
    answers: count('answers').notNull(),
    posts: count('posts').notNull(),
  },
  (t) => [
    primaryKey({
      columns: [
        t.hourAt,
        t.clientId,
        t.class,
        t.alsoAs,
        t.agent,
        t.evidence,
        t.verdict,
        t.route,
        t.mask,
        t.withheld,
      ],
    }),
    index('rights_exposure_client').on(t.clientId, t.hourAt),
    check('rights_exposure_withheld', sql`${t.withheld} in (0, 1)`),
  ],
);

/** Under which policy and registry the records of a journal from `sequence` on were decided. */
export const journalEpochs = pgTable(
  'journal_epochs',
  {
    journalId: text('journal_id')
      .notNull()
      .references(() => journals.id),
    sequence: count('sequence').notNull(),
    policyVersion: integer('policy_version').notNull(),
    rightsSequence: count('rights_sequence').notNull(),
    at: moment('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.journalId, t.sequence] })],
);

/** Calls that wrote settings under a key of the caller, so that a repeat of the call changes nothing. */
export const rightsCalls = pgTable(
  'rights_calls',
  {
    actor: text('actor').notNull(),
    key: text('key').notNull(),
    /** SHA-256 of the request, in hex. */
    digest: text('digest').notNull(),
    result: jsonb('result').$type<WrittenSettings>().notNull(),
    at: moment('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.actor, t.key] }), index('rights_calls_at').on(t.at)],
);

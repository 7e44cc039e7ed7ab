/**
 * The policy: one document from which robots.txt, headers, licences and the enforcement of rights follow. It is
 * versioned and never changed.
 */

import { z } from 'zod';
import { ASKER_CLASSES } from '../rights/asker.ts';
import { MODES } from '../rights/enforcement.ts';
import { DEFAULT_MATRIX, UNCONCERNED_CLASSES } from '../rights/matrix.ts';
import { PREFERENCES, RESTRICTED_STATES } from '../rights/state.ts';

/** Purposes of agents, by the class that an agent of that purpose has. */
export const PURPOSES = ['search', 'user_fetch', 'ai_input', 'ai_training', 'archive'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** `licence`: not without an agreement. */
export const PERMISSIONS = ['allow', 'licence', 'deny'] as const;
export type Permission = (typeof PERMISSIONS)[number];

const permission = z.enum(PERMISSIONS);
const mode = z.enum(MODES);
/** The description of a record does not say by itself that other keys are refused. */
const CLOSED = { additionalProperties: false };
const purposes = z.partialRecord(z.enum(PURPOSES), permission).meta(CLOSED);
const path = z
  .string()
  .max(1_024)
  .regex(/^\/[\x21-\x7e]*$/, 'must begin with "/" and contain neither spaces nor controls, such as /open/');
const concerned = z.enum(ASKER_CLASSES).exclude(UNCONCERNED_CLASSES);
const url = z.url({ protocol: /^https?$/ }).max(1_024);

export const policySchema = z.strictObject({
  terms: z
    .strictObject({ version: z.string().min(1).max(100), url })
    .describe('The terms of service that the policy expresses.'),
  rightsholder: z.strictObject({ name: z.string().min(1).max(200), email: z.email().max(200) }),
  regime: z
    .enum(['opt_out', 'opt_in'])
    .default('opt_out')
    .describe('What holds for a subject without a setting: opt_out permits, opt_in withholds.'),
  matrix: z
    .partialRecord(concerned, z.array(z.enum([...PREFERENCES, ...RESTRICTED_STATES])).max(20))
    .meta(CLOSED)
    .default(() => structuredClone(DEFAULT_MATRIX))
    .describe('Which states are withheld from which class. Hard states are withheld from all of them.'),
  purposes: purposes.default({}).describe('Purposes that are not named are allowed.'),
  paths: z
    .array(
      z.strictObject({
        path,
        purposes: z.partialRecord(z.enum([...PURPOSES, '*']), permission).meta(CLOSED),
      }),
    )
    .max(200)
    .default([])
    .describe('Exceptions by path prefix. The longest prefix applies.'),
  agents: z
    .record(z.string().min(1).max(100), permission)
    .default({})
    .describe('Exceptions by agent of the catalogue. They take precedence over purposes.'),
  freePaths: z
    .array(path)
    .max(200)
    .default([])
    .describe('Path prefixes that are never withheld, besides robots.txt, /.well-known/ and sitemaps.'),
  enforcement: z
    .strictObject({
      mode: mode.default('shadow'),
      classes: z.partialRecord(concerned, mode).meta(CLOSED).default({}).describe('Exceptions by class.'),
      whenAway: z
        .array(concerned)
        .max(ASKER_CLASSES.length)
        .default(['partner', 'ai_training'])
        .describe('Classes that are refused with 503 while the registry is not known. The others pass.'),
      maxStalenessSeconds: z
        .int()
        .min(5)
        .max(86_400)
        .default(300)
        .describe('Age from which the registry counts as not known.'),
      conceal: z
        .boolean()
        .default(true)
        .describe('Whether hard states answer 404. If false: 403, and 410 for deleted.'),
    })
    .prefault({}),
  headersForAll: z.boolean().default(false).describe('Whether people receive the headers of the policy too.'),
});

export type Policy = z.output<typeof policySchema>;

/** A stored version. It is in force from `validFromMs` until the next version. */
export interface PolicyVersion {
  readonly version: number;
  readonly validFromMs: number;
  readonly policy: Policy;
  /** Hex SHA-256 over the canonical JSON of the document. */
  readonly sha256: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly reason: string;
}

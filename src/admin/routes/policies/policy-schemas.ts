/** Requests and responses of the published policies. */

import { z } from '@hono/zod-openapi';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { TERMS_FINDING_CODES } from '../../../terms/check/finding.ts';
import { DOCUMENT_NAMES } from '../../../terms/documents.ts';
import { type PolicyVersion, policySchema } from '../../../terms/policy.ts';
import { Reason, TimestampIn, TimestampOut } from '../../fields.ts';
import { FaultSchema } from '../../problem.ts';

// A schema made before the library of OpenAPI was loaded has no `openapi`; a new one has.
const PolicyDocument = z.strictObject(policySchema.shape).openapi('PublishedPolicy', {
  description: 'What is published and enforced: robots.txt, headers, licences and decisions follow from it.',
});

export const OriginQuery = z
  .url({ protocol: /^https?$/ })
  .max(300)
  .optional()
  .openapi({
    description: "Scheme and host of the site. Default: the platform's.",
    example: 'https://site.example',
  });

export const NewPolicyVersionBody = z
  .strictObject({
    policy: PolicyDocument,
    validFrom: TimestampIn.optional().openapi({ description: 'When it takes effect. Default: now.' }),
    reason: Reason,
    dryRun: z.boolean().default(false).openapi({ description: 'Describes the effect and stores nothing.' }),
    origin: OriginQuery,
  })
  .openapi('NewPolicyVersion');

export const PolicyVersionSchema = z
  .object({
    version: z.int(),
    validFrom: TimestampOut,
    isInForce: z.boolean(),
    policy: PolicyDocument,
    sha256: z.string().openapi({ description: 'Of the canonical JSON (RFC 8785) of the policy, in hex.' }),
    createdAt: TimestampOut,
    createdBy: z.string(),
    reason: z.string(),
  })
  .openapi('PolicyVersion');

export const SiteDocumentSchema = z
  .object({
    name: z.enum(DOCUMENT_NAMES),
    path: z.string(),
    contentType: z.string(),
    content: z.string(),
  })
  .openapi('PolicyDocument');

export const PolicyPreviewSchema = z
  .object({
    documents: z.array(SiteDocumentSchema),
    contradictions: z.array(FaultSchema).openapi({ description: 'A policy with one cannot be added.' }),
    differences: z
      .array(z.object({ agent: z.string(), path: z.string(), isAllowed: z.boolean() }))
      .openapi({ description: 'Verdicts of robots.txt that differ from those under the policy in force.' }),
  })
  .openapi('PolicyPreview');

export const TermsCheckSchema = z
  .object({
    version: z.int().nullable().openapi({ description: 'The checked version; null for a given policy.' }),
    findings: z.array(
      z.object({
        code: z.enum(TERMS_FINDING_CODES),
        level: z.enum(['error', 'notice']),
        path: z.string().nullable(),
        agent: z.string().nullable(),
        detail: z.string(),
        hint: z.string(),
      }),
    ),
  })
  .openapi('TermsCheck');

export const TermsCheckBody = z
  .strictObject({
    policy: PolicyDocument.optional().openapi({ description: 'Default: the policy in force.' }),
  })
  .openapi('NewTermsCheck');

/** @param inForce the number of the version in force; null if there is none. */
export function policyVersionJson(version: PolicyVersion, inForce: number | null) {
  const { validFromMs, createdAtMs, ...rest } = version;
  return {
    ...rest,
    isInForce: version.version === inForce,
    validFrom: isoTimestamp(validFromMs),
    createdAt: isoTimestamp(createdAtMs),
  };
}

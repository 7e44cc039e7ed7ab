/** Policies for tests of the terms. */

import type { z } from 'zod';
import { type Policy, type PolicyVersion, policySchema } from '../../src/terms/policy.ts';

const CONTACT = { name: 'Platform Inc.', email: 'licensing@platform.example' };
const TERMS = { version: '2026-04-10', url: 'https://platform.example/tos' };

export function policy(given: Partial<z.input<typeof policySchema>> = {}): Policy {
  return policySchema.parse({ terms: TERMS, rightsholder: CONTACT, ...given });
}

export function policyVersion(
  given: Partial<z.input<typeof policySchema>> = {},
  version: Partial<PolicyVersion> = {},
): PolicyVersion {
  return {
    version: 1,
    validFromMs: 0,
    policy: policy(given),
    sha256: '0'.repeat(64),
    createdAtMs: 0,
    createdBy: 'test',
    reason: 'test',
    ...version,
  };
}

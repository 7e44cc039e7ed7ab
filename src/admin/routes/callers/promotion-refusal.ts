/** Says in words why callers cannot be named as one client, or the naming cannot be undone. */

import type { PromotionRefusal } from '../../../callers/promote.ts';
import type { FieldError } from '../../../tariff/terms.ts';
import { HttpProblem } from '../../problem.ts';
import type { ProblemCode } from '../../problem-code.ts';

const CODES: Readonly<Record<PromotionRefusal['kind'], ProblemCode>> = {
  unknown_caller: 'not_found',
  address_client: 'address_client',
  overlaps: 'ranges_overlap',
  counts_unique: 'unique_posts_counted',
};

export function refusalFaults(refusals: readonly PromotionRefusal[]): FieldError[] {
  return refusals.map(faultOf);
}

/** The problem of a promotion that was not written. `refusals` has at least one. */
export function promotionProblem(refusals: readonly PromotionRefusal[]): HttpProblem {
  const errors = refusalFaults(refusals);
  const detail = errors.map(({ field, reason, hint }) => `${field} ${reason}: ${hint}`).join('; ');
  return new HttpProblem(409, detail, { code: CODES[refusals[0]!.kind], errors });
}

function faultOf(refusal: PromotionRefusal): FieldError {
  switch (refusal.kind) {
    case 'unknown_caller': {
      const [first, ...others] = refusal.callerIds;
      const more = others.length === 0 ? '' : ` and ${others.length} more`;
      return {
        field: 'callers',
        reason: `do not exist: ${first}${more}`,
        hint: 'use ids of GET /v1/callers',
      };
    }
    case 'address_client':
      return {
        field: 'client.id',
        reason: 'is a caller identified by its address alone',
        hint: 'choose the id of a client, or of a new one',
      };
    case 'overlaps':
      return {
        field: 'ranges',
        reason: `has ${refusal.range}, which overlaps ${refusal.cidr} of the client ${refusal.clientId}`,
        hint: 'leave it out, choose a narrower range, or revoke the other one first',
      };
    case 'counts_unique':
      return {
        field: 'from',
        reason: `is in a period in which the tariff of ${refusal.clientId} counts unique posts, which are kept per client`,
        hint: 'correct the tariff to count deliveries from then on, or use a later time',
      };
  }
}

/** Why an identifier could not be added, as a problem. */

import type { AddIdentifierResult, IdentifierRecord } from '../port.ts';
import { fieldProblem } from '../problem.ts';
import { unknownClient } from './clients.ts';

/** What was added; throws where nothing was. `field`: what of the body was refused. */
export function addedOf(
  result: AddIdentifierResult,
  clientId: string,
  field: 'key' | 'cidr',
): IdentifierRecord {
  switch (result.kind) {
    case 'added':
      return result.identifier;
    case 'unknown_client':
      throw unknownClient(clientId);
    case 'address_client':
      throw fieldProblem(
        409,
        'clientId',
        'is a caller known by its address alone',
        'add a client, and give the address range to that one',
        'address_client',
      );
    case 'taken':
      throw fieldProblem(
        409,
        field,
        `belongs to the client ${result.clientId} already`,
        'revoke it there first, or use another',
        'already_exists',
      );
    case 'overlaps':
      throw fieldProblem(
        409,
        field,
        `overlaps ${result.cidr} of the client ${result.clientId}`,
        'choose ranges apart from each other, or revoke that one first',
        'ranges_overlap',
      );
  }
}

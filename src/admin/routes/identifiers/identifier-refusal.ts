/** Maps a refused addition of an identifier to a problem document. */

import type { AddIdentifierResult, IdentifierRecord } from '../../port.ts';
import { fieldProblem } from '../../problem.ts';
import { unknownClient } from '../clients/clients.ts';

/** Returns the added identifier or throws a problem. `field` is the field of the body that the problem names. */
export function addedOf(
  result: AddIdentifierResult,
  clientId: string,
  field: 'key' | 'cidr' | 'agent',
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
        'is a caller identified by its address alone',
        'create a client and add the address range to it',
        'address_client',
      );
    case 'taken':
      throw fieldProblem(
        409,
        field,
        `already belongs to the client ${result.clientId}`,
        'revoke it there first, or use another one',
        'already_exists',
      );
    case 'overlaps':
      throw fieldProblem(
        409,
        field,
        `overlaps ${result.cidr} of the client ${result.clientId}`,
        'choose ranges that do not overlap, or revoke that one first',
        'ranges_overlap',
      );
  }
}

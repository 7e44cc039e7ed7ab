/** Client ids that say what kind of client they name. */

/** The start of the id of an address range. */
export const RANGE = 'net:';

/** The start of the id of an unknown caller. */
export const CALLER = 'addr:';

/** True if a client is an unknown caller, known only by its address. */
export function isCaller(clientId: string): boolean {
  return clientId.startsWith(CALLER);
}

/** True if a client is a range of unknown callers: several parties whose shares are unknown. */
export function isPrefix(clientId: string): boolean {
  return clientId.startsWith(RANGE);
}

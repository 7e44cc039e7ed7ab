/** Client ids that say what kind of client they name. */

/** The start of the id of an address range. */
export const RANGE = 'net:';

/** True if a client is a range of unknown callers: several parties whose shares are unknown. */
export function isPrefix(clientId: string): boolean {
  return clientId.startsWith(RANGE);
}

/**
 * Who counts as a second person beside the first: the holder of another token, unless one of the two made the other's
 * token. ADMIN_TOKEN never counts as a second person.
 */

import type { Principal } from './model.ts';

/** A second person must have been seen within this time before an action; otherwise the first person is alone. */
export const SECOND_PERSON_DAYS = 90;
const DAY_MS = 86_400_000;

/** An active token. */
export interface KnownToken {
  readonly id: string;
  /** As the audit log names it. */
  readonly actor: string;
  readonly roles: readonly string[];
  readonly createdBy: string;
  readonly createdAtMs: number;
  /** The latest of its creation, its sessions in the console and its changes in the audit log. */
  readonly seenAtMs: number;
}

export type NotSecond = 'same' | 'admin_token' | 'made_by_first' | 'made_first';

/**
 * Returns why `second` is not a second person beside `first`, who acted at `actedAtMs`; null if it is one. `tokens` are
 * all active tokens. ADMIN_TOKEN makes the first tokens of every installation, so a token that it made before it acted
 * counts as another person.
 */
export function notSecond(
  first: Principal,
  second: Principal,
  actedAtMs: number,
  tokens: readonly KnownToken[],
): NotSecond | null {
  if (second.tokenId === null) return 'admin_token';
  if (second.tokenId === first.tokenId) return 'same';
  const tokenOf = (id: string | null) => tokens.find((token) => token.id === id);
  const [ofFirst, ofSecond] = [tokenOf(first.tokenId), tokenOf(second.tokenId)];
  if (ofSecond?.createdBy === first.actor && (first.tokenId !== null || ofSecond.createdAtMs >= actedAtMs)) {
    return 'made_by_first';
  }
  return ofFirst?.createdBy === second.actor ? 'made_first' : null;
}

/** True if no second person with the role was seen within `SECOND_PERSON_DAYS` before `nowMs`. */
export function isAlone(
  first: Principal,
  role: string,
  tokens: readonly KnownToken[],
  nowMs: number,
): boolean {
  const sinceMs = nowMs - SECOND_PERSON_DAYS * DAY_MS;
  return !tokens.some(
    ({ id, actor, roles, seenAtMs }) =>
      seenAtMs >= sinceMs &&
      roles.includes(role) &&
      notSecond(first, { actor, tokenId: id }, nowMs, tokens) === null,
  );
}

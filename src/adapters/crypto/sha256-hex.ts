/** SHA-256 of text, by which persisted queries of GraphQL are known and keys are compared in the audit log. */

import { createHash } from 'node:crypto';

/** Lower-case hex of SHA-256 over the text's UTF-8. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

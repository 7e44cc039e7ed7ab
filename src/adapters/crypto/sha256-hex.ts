/** SHA-256 of text, by which persisted queries of GraphQL are known and keys are compared in the audit log. */

import { hash } from 'node:crypto';

/** Lower-case hex of SHA-256 over the text's UTF-8. */
export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}

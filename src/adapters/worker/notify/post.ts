/** Posts a message from a Worker. It reaches no private network, so names and literal addresses are checked alone. */

import { type AddressRules, urlFault } from '../../../notify/address-rules.ts';
import type { Post } from '../../../notify/port.ts';

const TIMEOUT_MS = 15_000;
const MAX_READ_BYTES = 65_536;
const KEPT_BYTES = 2_048;

export function workerPost(rules: AddressRules): Post {
  return async (url, headers, body) => {
    const fault = urlFault(url, rules);
    if (fault !== null) throw new Error(`the address ${fault.reason}: ${fault.hint}`);
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const retryAfter = response.headers.get('retry-after');
    return { status: response.status, retryAfter, head: await headOf(response) };
  };
}

/** The first 2 KB. Reads at most 64 KB, and a body that breaks off counts as far as it came. */
async function headOf({ body }: Response): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  const kept: Uint8Array[] = [];
  let read = 0;
  try {
    while (read < MAX_READ_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      if (read < KEPT_BYTES) kept.push(value);
      read += value.length;
    }
    await reader.cancel();
  } catch {
    // The status has arrived and decides.
  }
  return Buffer.concat(kept).subarray(0, KEPT_BYTES).toString('utf8');
}

/**
 * Reads the head of an HTML page from a copy of the response before the response is made. In shadow mode the page waits,
 * too, because the runtime has no way to read a body while it passes without a second stream.
 */

import type { Response } from '@cloudflare/workers-types';
import type { HtmlInspection } from '../../../exchange/html-inspection.ts';
import { UpstreamError } from '../../../forward/failure.ts';
import type { DeadlineTimer } from '../deadline-timer.ts';

/** Bytes after which reading waits for the decoder, because the runtime keeps them for the response. */
const MAX_WAITING_BYTES = 256 * 1024;

/** Resolves when the declarations of the page have been read. Throws `UpstreamError` if the upstream does not send them. */
export async function inspectPage(
  upstream: Response,
  inspection: HtmlInspection,
  timer: DeadlineTimer,
  bodyTimeoutMs: number,
): Promise<void> {
  const decided = new Promise<void>((resolve) => {
    inspection.onDecided = resolve;
  });
  const { body } = upstream.clone();
  if (body === null) {
    inspection.end();
    return decided;
  }
  const reader = body.getReader();
  const late = new Promise<never>((_, reject) => {
    timer.set(bodyTimeoutMs, () =>
      reject(
        new UpstreamError(
          'POSTMETER_TIMEOUT',
          `The head of the page did not arrive within ${bodyTimeoutMs} ms.`,
        ),
      ),
    );
  });
  try {
    for (let bytes = 0; !inspection.isDecided && bytes < MAX_WAITING_BYTES; ) {
      const { done, value } = await Promise.race([reader.read(), late]);
      if (done) inspection.end();
      else inspection.write(value as Uint8Array);
      if (done) break;
      bytes += (value as Uint8Array).length;
    }
    await Promise.race([decided, late]);
  } finally {
    inspection.destroy();
    reader.cancel().catch(() => {});
  }
}

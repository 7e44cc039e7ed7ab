/** Wires the check of signatures, the same in every runtime. */

import { sha256Hex } from '../../adapters/crypto/sha256-hex.ts';
import type { AdminLog } from '../../admin/port.ts';
import type { SignatureCheck } from '../../identify/asker/port.ts';
import { createSignatureCheck } from '../../identify/signature/check.ts';
import type { KnownKeys } from '../../identify/signature/key.ts';
import type { SignatureSettings } from '../../identify/signature/settings.ts';
import type { SignatureCounts } from '../../report/signature-counts.ts';
import { signatureLog } from '../logs/signature-log.ts';

export interface SignatureCheckWiring {
  readonly settings: SignatureSettings;
  readonly keys: KnownKeys;
  readonly counts: SignatureCounts;
  readonly nowMs: () => number;
  readonly log: Pick<AdminLog, 'warn'>;
}

export function signatureCheckOf(wiring: SignatureCheckWiring): SignatureCheck {
  const { settings, keys, counts } = wiring;
  const logInvalid = signatureLog(wiring.log, wiring.nowMs);
  return createSignatureCheck({
    settings,
    keys,
    hash: sha256Hex,
    onOutcome: (outcome) => {
      counts.add(outcome);
      logInvalid(outcome);
    },
    onNonceRepeated: () => counts.nonceRepeated(),
  });
}

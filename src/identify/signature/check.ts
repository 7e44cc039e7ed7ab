/**
 * Checks the signatures of Web Bot Auth of a request: read, cover, base, key, signature, replay. It reads memory only. A
 * signature that was seen before costs 6 µs, a new one about 150 µs.
 */

import { LRUCache } from 'lru-cache';
import type { Address } from '../address.ts';
import type { SignatureCheck, SignatureOutcome, SignedFacts } from '../asker/port.ts';
import { signatureBase } from './base.ts';
import { VerificationBudget } from './budget.ts';
import { coverFault, coversRequest } from './cover.ts';
import type { KnownKeys, SignatureKey } from './key.ts';
import { NonceMemory } from './nonces.ts';
import { bestOutcome, failedOutcome, type SignatureReason, verifiedOutcome } from './outcome.ts';
import { type ClaimedSignature, signatureReader } from './read.ts';
import type { SignatureSettings } from './settings.ts';
import type { Signer } from './signer.ts';

export interface SignatureCheckOptions {
  readonly settings: SignatureSettings;
  readonly keys: KnownKeys;
  /** SHA-256 of a text, in any encoding. */
  readonly hash: (text: string) => string;
  /** Receives each outcome, for metrics and the log. */
  readonly onOutcome: (outcome: SignatureOutcome) => void;
  /** A nonce of a signer has occurred before. */
  readonly onNonceRepeated: () => void;
}

/** What verification found for one signature over one base. */
interface Verdict {
  readonly isValid: boolean;
  /** Networks that have sent it, the first one first, up to one more than is allowed. */
  readonly networks: string[];
}

/** Verdicts kept; the least recently used one is evicted. About 300 bytes each. */
const MAX_VERDICTS = 50_000;
/** A signature from more networks (/24, /48) is being repeated. */
const MAX_NETWORKS = 3;

export function createSignatureCheck(options: SignatureCheckOptions): SignatureCheck {
  const checker = new SignatureChecker(options);
  return {
    check: (request) => {
      const outcome = checker.outcomeOf(request);
      if (outcome !== null) options.onOutcome(outcome);
      return outcome;
    },
  };
}

class SignatureChecker {
  readonly #options: SignatureCheckOptions;
  readonly #read = signatureReader();
  readonly #budget: VerificationBudget;
  readonly #nonces = new NonceMemory();
  readonly #verdicts = new LRUCache<string, Verdict>({ max: MAX_VERDICTS });

  constructor(options: SignatureCheckOptions) {
    this.#options = options;
    this.#budget = new VerificationBudget(options.settings);
  }

  outcomeOf(request: SignedFacts): SignatureOutcome | null {
    const read = this.#read(request.headers);
    if (read === null) return null;
    if (read.kind === 'fault') return failedOutcome('', read.reason);
    return bestOutcome(read.signatures.map((signature) => this.#judge(signature, request)));
  }

  #judge(signature: ClaimedSignature, request: SignedFacts): SignatureOutcome {
    const { keys, settings } = this.#options;
    const signer = typeof signature.signer === 'string' ? null : signature.signer;
    const fault = coverFault(signature, settings, request.nowMs);
    if (signer === null || fault !== null)
      return failedOutcome(signer?.name ?? '', fault ?? 'signer_unusable');
    const base = signatureBase(signature, request);
    if (base.kind === 'fault') return failedOutcome(signer.name, base.reason);
    const caller = firstBytes(request.address, 4, 7);
    const found = keys.find(signer, signature.keyid ?? '', caller, request.nowMs);
    if (found.kind === 'none') return failedOutcome(signer.name, found.reason);
    const verdict = this.#verdict(signature, signer, base.text, found.key, caller, request.nowMs);
    if (typeof verdict === 'string') return failedOutcome(signer.name, verdict);
    if (!verdict.isValid) return failedOutcome(signer.name, 'signature_wrong');
    if (this.#isReplay(signature, signer, request.nowMs)) return failedOutcome(signer.name, 'replayed');
    return verifiedOutcome(signer.name, this.#weakness(verdict, signature, request));
  }

  #verdict(
    { alg, value, valueText }: ClaimedSignature,
    signer: Signer,
    base: string,
    key: SignatureKey,
    caller: string,
    nowMs: number,
  ): Verdict | SignatureReason {
    if (alg !== null && alg !== key.algorithm) return 'algorithm_mismatch';
    // The bytes, because one value has several encodings.
    const id = this.#options.hash(`${signer.name}\n${base}\n${valueText}`);
    const known = this.#verdicts.get(id);
    if (known !== undefined) return known;
    if (!this.#budget.take(caller, nowMs)) return 'over_budget';
    const verdict = { isValid: key.verifies(base, value), networks: [] };
    this.#verdicts.set(id, verdict);
    return verdict;
  }

  #isReplay({ keyid, nonce, expires }: ClaimedSignature, signer: Signer, nowMs: number): boolean {
    if (nonce === null || expires === null) return false;
    const id = `${signer.name}\n${keyid}\n${nonce}`;
    if (!this.#nonces.isRepeated(id, expires * 1000, nowMs)) return false;
    this.#options.onNonceRepeated();
    return this.#options.settings.nonce === 'strict';
  }

  /** A signature that verifies for other requests too is bound only in the network that first sent it. */
  #weakness({ networks }: Verdict, signature: ClaimedSignature, request: SignedFacts) {
    const network = firstBytes(request.address, 3, 6);
    if (networks.length <= MAX_NETWORKS && !networks.includes(network)) networks.push(network);
    if (networks.length > MAX_NETWORKS) return 'many_networks';
    if (coversRequest(signature, request, this.#options.settings)) return null;
    return network === networks[0] ? null : 'replayable';
  }
}

/** A network as text: a /32 and a /56 for one caller, a /24 and a /48 for a network. */
function firstBytes({ bytes }: Address, ipv4: number, ipv6: number): string {
  return bytes.slice(0, bytes.length === 16 ? ipv6 : ipv4).join('.');
}

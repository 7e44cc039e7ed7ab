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

/** The networks that have sent a valid signature, the first one first, up to one more than is allowed. */
type Networks = string[];

/** Signers whose signatures are kept, and signatures of each: at most 30 MB. The least recently used are evicted. */
const MAX_SIGNERS = 50;
const MAX_SIGNATURES = 2_000;
const MAX_WRONG = 10_000;
/** Stands for the first network of a signature that was evicted since. */
const FORGOTTEN = 'forgotten';
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
  /** By signer, so that the signatures of one cannot evict those of another; by hash of base and signature. */
  readonly #valid = new LRUCache<string, LRUCache<string, Networks>>({ max: MAX_SIGNERS });
  readonly #wrong = new LRUCache<string, true>({ max: MAX_WRONG });

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
    const networks = this.#verify(signature, signer, base.text, found.key, caller, request.nowMs);
    if (typeof networks === 'string') return failedOutcome(signer.name, networks);
    const isRepeated = this.#isNonceRepeated(signature, signer, request.nowMs);
    if (isRepeated && settings.nonce === 'strict') return failedOutcome(signer.name, 'replayed');
    if (isRepeated && networks.length === 0) networks.push(FORGOTTEN);
    return verifiedOutcome(signer.name, this.#weakness(networks, signature, request));
  }

  #verify(
    { alg, value, valueText }: ClaimedSignature,
    { name }: Signer,
    base: string,
    key: SignatureKey,
    caller: string,
    nowMs: number,
  ): Networks | SignatureReason {
    if (alg !== null && alg !== key.algorithm) return 'algorithm_mismatch';
    // The bytes, because one value has several encodings.
    const id = this.#options.hash(`${name}\n${base}\n${valueText}`);
    const known = this.#valid.get(name)?.get(id);
    if (known !== undefined) return known;
    if (this.#wrong.has(id)) return 'signature_wrong';
    if (!this.#budget.take(caller, nowMs)) return 'over_budget';
    if (!key.verifies(base, value)) {
      this.#wrong.set(id, true);
      return 'signature_wrong';
    }
    const networks: Networks = [];
    const ofSigner = this.#valid.get(name) ?? new LRUCache<string, Networks>({ max: MAX_SIGNATURES });
    this.#valid.set(name, ofSigner);
    ofSigner.set(id, networks);
    return networks;
  }

  #isNonceRepeated({ keyid, nonce, expires }: ClaimedSignature, { name }: Signer, nowMs: number): boolean {
    if (nonce === null || expires === null) return false;
    if (!this.#nonces.isRepeated(`${name}\n${keyid}\n${nonce}`, expires * 1000, nowMs)) return false;
    this.#options.onNonceRepeated();
    return true;
  }

  /** A signature that verifies for other requests too is bound only in the network that first sent it. */
  #weakness(networks: Networks, signature: ClaimedSignature, request: SignedFacts) {
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

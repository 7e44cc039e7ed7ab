/** Nonces of verified signatures, each until its signature expires. */

const MAX_NONCES = 100_000;
/** Entries that one eviction removes, so that the sort is rare. */
const EVICTED = 25_000;

export class NonceMemory {
  readonly #max: number;
  readonly #expiresMs = new Map<string, number>();

  /** @param max number of nonces. Beyond it those that expire first are evicted. */
  constructor(max = MAX_NONCES) {
    this.#max = max;
  }

  /** Records a nonce. Returns true if it has occurred before and its signature has not expired. */
  isRepeated(nonce: string, expiresMs: number, nowMs: number): boolean {
    const known = this.#expiresMs.get(nonce);
    if (known !== undefined && known >= nowMs) return true;
    if (this.#expiresMs.size >= this.#max) this.#evict(nowMs);
    this.#expiresMs.set(nonce, expiresMs);
    return false;
  }

  #evict(nowMs: number): void {
    for (const [nonce, expiresMs] of this.#expiresMs) if (expiresMs < nowMs) this.#expiresMs.delete(nonce);
    if (this.#expiresMs.size < this.#max) return;
    const first = [...this.#expiresMs].sort(([, a], [, b]) => a - b);
    for (const [nonce] of first.slice(0, Math.min(EVICTED, this.#max))) this.#expiresMs.delete(nonce);
  }
}

/** Two processes that record continuously, whatever happens to their Redis, and the checks at the end. */

import { expect, vi } from 'vitest';
import { meteringLedger, postsIn } from '../../meter/metering-ledger.ts';
import { type MeteringProcess, startMeteringProcess } from './metering-process.ts';

export const prefix = 'postmeter:';
export const clients = ['alpha', 'beta', 'gamma'];
const DAY_MS = 86_400_000;

export class Site {
  readonly ledger = meteringLedger();
  readonly processes: readonly MeteringProcess[];
  readonly truth = new Map<string, number>();
  #recording: NodeJS.Timeout | undefined;

  constructor(url: string) {
    this.processes = ['one', 'two'].map((name) => startMeteringProcess(url, prefix, this.ledger, name));
    this.goOn();
  }

  goOn(): void {
    this.#recording = setInterval(() => this.#record(), 5);
  }

  #record(): void {
    for (const [index, process] of this.processes.entries()) {
      for (const client of clients) {
        process.record(client, index + 1);
        this.truth.set(client, (this.truth.get(client) ?? 0) + index + 1);
      }
    }
  }

  get degraded(): boolean[] {
    return this.processes.map((process) => process.isDegraded());
  }

  get said(): string {
    return this.processes.flatMap(({ said }) => said).join('\n');
  }

  async until(degraded: boolean): Promise<void> {
    const expected = [degraded, degraded];
    await vi.waitFor(() => expect(this.degraded).toEqual(expected), { timeout: 60_000 });
  }

  /** Each process knows at least what it has recorded itself, degraded or not. */
  expectForwarding(): void {
    const before = this.processes.map((process) => process.total('alpha'));
    this.#record();
    expect(this.processes.map((process) => process.total('alpha'))).toEqual(
      before.map((posts, at) => posts + at + 1),
    );
  }

  /** The knowledge of each process, the store and the ledger agree. */
  async expectExact(): Promise<void> {
    await this.until(false);
    clearInterval(this.#recording);
    const truth = clients.map((client) => this.truth.get(client)!);
    for (const process of this.processes) {
      const known = () => clients.map((client) => process.total(client));
      await expect.poll(known, { timeout: 60_000 }).toEqual(truth);
      const asked = clients.map((clientId) => ({ clientId, windowMs: DAY_MS }));
      const stored = async () => (await process.window.totals(asked, Date.now())).map(({ posts }) => posts);
      await expect.poll(stored, { timeout: 60_000 }).toEqual(truth);
    }
    await expect
      .poll(() => postsIn(this.ledger), { timeout: 60_000 })
      .toBe(truth.reduce((sum, one) => sum + one, 0));
    expect(this.degraded).toEqual([false, false]);
  }

  async stop(): Promise<void> {
    clearInterval(this.#recording);
    await Promise.all(this.processes.map((process) => process.stop()));
  }
}

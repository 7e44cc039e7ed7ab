/** Remembers every issued invoice as first seen. An issued invoice never changes or disappears. */

import type { Invoice } from '../../src/invoice/model.ts';
import { expect } from './violation.ts';
import type { World } from './world.ts';

export class Watcher {
  readonly #world: World;
  readonly #issued = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  look(): void {
    const { invoices } = this.#world.ledger.ledger.state;
    for (const [id, text] of this.#issued) {
      const invoice = invoices.get(id);
      expect(invoice !== undefined, `issued invoice ${id} is gone`);
      expect(textOf(invoice) === text, `issued invoice ${id} was changed`);
    }
    const numbers = new Set<number | null>();
    for (const invoice of invoices.values()) {
      if (invoice.status !== 'issued') continue;
      expect(!numbers.has(invoice.number), `invoice number ${invoice.number} was given twice`);
      numbers.add(invoice.number);
      if (this.#issued.has(invoice.id)) continue;
      this.#issued.set(invoice.id, textOf(invoice));
      this.#world.tally.count(`issued: ${invoice.kind}`);
    }
  }
}

function textOf(invoice: Invoice): string {
  return JSON.stringify(invoice, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

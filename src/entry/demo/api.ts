/** The demo's client of the admin API. It uses only public endpoints. */

import { z } from 'zod';

const breach = z.object({
  from: z.string(),
  to: z.string(),
  posts: z.number(),
  billedPosts: z.number(),
  peakPosts: z.number(),
  peakAt: z.string(),
  state: z.string(),
  amount: z.string(),
  currency: z.string(),
});
const invoice = z.object({ id: z.string(), status: z.string(), amount: z.string(), currency: z.string() });
const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) });
const usage = z.object({ points: z.array(z.object({ posts: z.number() })) });

export interface DemoResult {
  readonly breach: z.output<typeof breach> | undefined;
  readonly invoice: z.output<typeof invoice> | undefined;
}

export interface DemoApi {
  /** Returns the new API key. */
  makeClient(id: string, name: string): Promise<string>;
  /** Adds a webhook that receives every event of clients, breaches and invoices. */
  addReceiver(address: string): Promise<void>;
  result(): Promise<DemoResult>;
  /** Returns the posts of the client that are in the ledger so far. */
  ledgerPosts(): Promise<number>;
}

export function demoApi(url: string, token: string): DemoApi {
  let clientId = '';
  async function ask<T extends z.ZodType>(
    schema: T,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<z.output<T>> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`${method} ${path} failed with ${response.status}: ${await response.text()}`);
    return schema.parse(await response.json());
  }
  return {
    makeClient: async (id, name) => {
      clientId = id;
      await ask(z.object({}), 'POST', '/v1/clients', { id, name });
      const added = await ask(z.object({ key: z.string() }), 'POST', `/v1/clients/${id}/identifiers`, {
        kind: 'api_key',
      });
      return added.key;
    },
    addReceiver: async (address) => {
      const events = ['client.*', 'breach.*', 'invoice.*'];
      await ask(z.object({}), 'POST', '/v1/receivers', {
        name: 'platform',
        kind: 'webhook',
        address,
        events,
      });
    },
    result: async () => ({
      breach: (await ask(page(breach), 'GET', `/v1/breaches?client=${clientId}`)).items[0],
      invoice: (await ask(page(invoice), 'GET', `/v1/invoices?client=${clientId}`)).items[0],
    }),
    ledgerPosts: async () => {
      const { points } = await ask(usage, 'GET', `/v1/clients/${clientId}/usage?step=hour`);
      return points.reduce((sum, point) => sum + point.posts, 0);
    },
  };
}

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
const invoice = z.object({
  id: z.string(),
  number: z.number().nullable(),
  status: z.string(),
  amount: z.string(),
  currency: z.string(),
});
const documents = z.object({ items: z.array(z.object({ id: z.string(), fileName: z.string() })) });
/** A sample seller and the billing details of the scraper, which an issued invoice needs. */
const SELLER = {
  ...{ legalName: 'Sample Network Inc.', street: '1 Harbour Street', city: 'Wilmington', region: 'DE' },
  ...{ postcode: '19801', country: 'US', email: 'billing@network.example', taxId: '00-0000000' },
};
const BANK = {
  ...{ currency: 'USD', holder: 'Sample Network Inc.', accountNumber: '000123456789' },
  ...{ routingNumber: '021000021', bankName: 'Sample Bank', reason: 'the account of the demo' },
};
const BUYER = {
  ...{ legalName: 'Acme AI Research LLC', address: '500 Crawler Way\nPalo Alto, CA 94301\nUSA' },
  ...{ email: 'accounts@acme.example', taxId: null, currency: 'USD' },
};
const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) });
const usage = z.object({ points: z.array(z.object({ posts: z.number() })) });

const POLL_MS = 200;
/** A minute. The first document takes a second of CPU. */
const MAX_POLLS = 300;

export interface DemoResult {
  readonly breach: z.output<typeof breach> | undefined;
  readonly invoice: z.output<typeof invoice> | undefined;
}

export interface IssuedDemo {
  readonly number: number;
  readonly fileName: string;
  readonly pdf: Uint8Array;
}

export interface DemoApi {
  /** Returns the new API key. */
  makeClient(id: string, name: string): Promise<string>;
  /** Adds a webhook that receives every event of clients, breaches and invoices. */
  addReceiver(address: string): Promise<void>;
  result(): Promise<DemoResult>;
  /** Completes the sample seller and the billing details of the client. */
  addParties(): Promise<void>;
  /** Approves and issues the draft, and waits for the PDF. `number` and the file are those of the issued invoice. */
  issue(invoiceId: string): Promise<IssuedDemo>;
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
    addParties: async () => {
      await ask(z.object({}), 'PATCH', '/v1/sellers/default', SELLER);
      await ask(z.object({}), 'POST', '/v1/sellers/default/bank-accounts', BANK);
      await ask(z.object({}), 'PATCH', `/v1/clients/${clientId}`, { billing: BUYER });
    },
    issue: async (invoiceId) => {
      const path = `/v1/invoices/${invoiceId}`;
      await ask(invoice, 'POST', `${path}/approve`);
      const { number } = await ask(invoice, 'POST', `${path}/issue`);
      for (let tries = 0; tries < MAX_POLLS; tries++) {
        const [made] = (await ask(documents, 'GET', `${path}/documents`)).items;
        if (made !== undefined) {
          const response = await fetch(`${url}${path}/documents/${made.id}`, {
            headers: { authorization: `Bearer ${token}` },
          });
          const pdf = new Uint8Array(await response.arrayBuffer());
          return { number: number ?? 0, fileName: made.fileName, pdf };
        }
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      throw new Error(`The PDF was not made in time. GET ${path}/documents says why.`);
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

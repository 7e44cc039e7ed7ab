/** Calls of the admin API that every deployment must answer alike, in this order. */

import type { AdminAsked } from './deployments.ts';

export interface AdminExchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body?: unknown;
  readonly asked?: AdminAsked;
}

const read = (path: string, status = 200, asked?: AdminAsked): AdminExchange => ({
  method: 'GET',
  path,
  status,
  ...(asked && { asked }),
});
const write = (path: string, body: unknown, status: number, method = 'POST'): AdminExchange => ({
  method,
  path,
  body,
  status,
});

/** Clients that take posts, each with a key. They have the default tariff unless stated otherwise. */
export const CLIENTS = [
  'acme',
  'breacher',
  'coded',
  'documents',
  'exempt',
  'odd',
  'quota',
  'ranges',
  'streams',
];

export const TARIFFS = {
  exempt: { kind: 'exempt' },
  quota: { threshold: 20, onThreshold: 'refuse' },
  breacher: { threshold: 100, price: '12.34', block: 10, rounding: 'started', currency: 'EUR' },
} as const;

/** Calls before posts are requested. */
export const SEED: readonly AdminExchange[] = [
  ...CLIENTS.map((id) => write('/v1/clients', { id, name: `Client ${id}` }, 201)),
  ...Object.entries(TARIFFS).map(([id, terms]) =>
    write(`/v1/clients/${id}/tariffs`, { terms, reason: 'conformance' }, 201),
  ),
  write('/v1/clients/ranges/identifiers', { kind: 'cidr', cidr: '203.0.113.0/24' }, 201),
];

/** Invalid calls, which change nothing, and reads of the seeded data. */
export const ADMIN_EXCHANGES: readonly AdminExchange[] = [
  read('/healthz'),
  read('/readyz'),
  read('/v1/openapi.json'),
  read('/v1/clients', 401, { token: null }),
  read('/v1/clients', 401, { token: 'pmt_nobody' }),
  read('/nowhere', 404),
  write('/v1/clients', { id: 'acme', name: 'again' }, 409),
  write('/v1/clients', { id: 'Not an id', name: 7, more: true }, 400),
  write('/v1/clients/acme', { name: 'ACME', billing: { legalName: 'ACME AI Inc.' } }, 200, 'PATCH'),
  write('/v1/clients/nobody/identifiers', { kind: 'api_key' }, 404),
  write('/v1/clients/acme/identifiers', { kind: 'cidr', cidr: '203.0.113.128/25' }, 409),
  write('/v1/clients/acme/identifiers', { kind: 'cidr', cidr: '10.0.0.1/8' }, 400),
  write('/v1/clients/acme/tariffs', { terms: { threshold: -1 }, reason: 'x' }, 400),
  { method: 'PUT', path: '/v1/clients', status: 405 },
  // The first page only: addresses become clients when their usage arrives, and are sorted after the others.
  read('/v1/clients?limit=1'),
  read('/v1/clients/acme'),
  read('/v1/clients/ranges/identifiers'),
  read('/v1/clients/breacher/tariffs'),
  read('/v1/tariffs'),
  read('/v1/clients/nobody/usage', 404),
  read('/v1/billing-holds'),
  read('/v1/gaps'),
  read('/v1/audit?limit=200'),
];

/** Calls after everything was served and billed. */
export const BILLED_EXCHANGES: readonly AdminExchange[] = [
  read('/v1/breaches'),
  read('/v1/breaches', 406, { headers: { accept: 'text/csv' } }),
  read('/v1/invoices'),
  read('/v1/invoices', 200, { headers: { accept: 'text/csv' } }),
  write('/v1/clients/odd/hold', { reason: 'a complaint' }, 201),
  write('/v1/clients/odd/hold', { reason: 'again' }, 409),
  read('/v1/billing-holds'),
  write('/v1/tokens', { name: 'finance', roles: ['finance'] }, 201),
  read('/v1/tokens'),
];

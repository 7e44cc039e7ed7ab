/** Calls of the admin API for tests: clients with keys, tariffs, usage in the ledger, metrics. */

import { ask } from '../http/ask.ts';
import { until } from '../until.ts';
import { ADMIN_TOKEN, type GatewayProcess } from './process.ts';

export interface Counts {
  readonly posts: number;
  readonly requests: number;
  readonly refused: number;
  readonly uncounted: number;
}

/** A change is known within a second. The rest allows for a busy machine. */
const SOON = { timeoutMs: 10_000, intervalMs: 25 };

/** A gateway in its own process, or in the test's. */
type Administered = Pick<GatewayProcess, 'url' | 'admin'>;

interface Listed<T> {
  readonly items: readonly T[];
}

/** Adds clients with these ids, with one key each. Resolves when the gateways know all of them. */
export async function addClients(
  gateways: readonly Administered[],
  ids: readonly string[],
): Promise<Map<string, string>> {
  const keys = new Map<string, string>();
  // The directory is read as a whole, so all are known once the last one is.
  for (const id of [...ids, `last-of-${ids[0]}`]) {
    await gateways[0]!.admin('POST', '/v1/clients', { id, name: id });
    keys.set(id, await addKey(gateways[0]!, id));
  }
  for (const gateway of gateways) await untilKnown(gateway, keys.get(`last-of-${ids[0]}`)!);
  return keys;
}

export async function addKey(gateway: Administered, clientId: string): Promise<string> {
  const path = `/v1/clients/${clientId}/identifiers`;
  return (await gateway.admin<{ key: string }>('POST', path, { kind: 'api_key' })).key;
}

/** Requests from an address that no test checks, because an unknown key is charged to its sender. */
export async function untilKnown(gateway: Administered, key: string): Promise<void> {
  await until('the key is known', async () => (await statusFor(gateway, key)) !== 401, SOON);
}

export async function statusFor(gateway: Administered, key: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  return (await ask(gateway.url, '/no-posts', { headers, localAddress: '127.0.0.254' })).status;
}

/** Adds a version of the client's tariff, or of the default one. Resolves when the gateways apply it. */
export async function setTariff(
  gateways: readonly Administered[],
  client: { readonly id: string; readonly key: string } | null,
  terms: { readonly threshold: number } & Record<string, unknown>,
): Promise<void> {
  const path = client === null ? '/v1/tariffs' : `/v1/clients/${client.id}/tariffs`;
  await gateways[0]!.admin('POST', path, { terms, reason: 'end-to-end test' });
  const who =
    client === null
      ? { localAddress: '127.0.0.253' }
      : { headers: { authorization: `Bearer ${client.key}` } };
  for (const gateway of gateways) {
    const policy = async () => (await ask(gateway.url, '/no-posts', who)).headers['ratelimit-policy'];
    await until(
      'the tariff applies',
      async () => String(await policy()).includes(`q=${terms.threshold};`),
      SOON,
    );
  }
}

/** Usage of the last day; zero if the ledger does not know the client yet. */
export async function usageOf(gateway: GatewayProcess, clientId: string): Promise<Counts> {
  const series = await gateway
    .admin<{ points: Counts[] }>('GET', `/v1/clients/${encodeURIComponent(clientId)}/usage?step=hour`)
    .catch((error: Error) => {
      if (error.message.includes(': 404 ')) return { points: [] };
      throw error;
    });
  const sum = (field: keyof Counts) => series.points.reduce((total, point) => total + point[field], 0);
  return {
    posts: sum('posts'),
    requests: sum('requests'),
    refused: sum('refused'),
    uncounted: sum('uncounted'),
  };
}

/** Returns the whole list. These tests never fill its largest page. */
export async function listOf<T>(gateway: Administered, path: string): Promise<readonly T[]> {
  return (await gateway.admin<Listed<T>>('GET', path)).items;
}

/** Sums a metric over the label sets that contain all of `labels` (such as `reason="shape"`). */
export async function metricOf(gateway: GatewayProcess, name: string, ...labels: string[]): Promise<number> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const text = (await ask(gateway.adminUrl, '/metrics', { headers })).body.toString();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return lines
    .filter((line) => labels.every((label) => line.includes(label)))
    .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
}

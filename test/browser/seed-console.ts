/** What the pages show in the tests in a browser, made through the API. Names are as hostile as the API allows. */

/** Throws unless the status is 2xx. */
export type SeedCall = (method: string, path: string, body: unknown) => Promise<void>;

const RIGHT_TO_LEFT = '\u202Egnp.exe\u202C';
export const HOSTILE_NAMES: Readonly<Record<string, string>> = {
  acme: 'ACME <script>alert(1)</script>',
  globex: `"onload="x ${RIGHT_TO_LEFT} 😀`,
  initech: 'W'.repeat(200),
};

export async function seedConsole(call: SeedCall): Promise<void> {
  for (const [id, name] of Object.entries(HOSTILE_NAMES)) await call('POST', '/v1/clients', { id, name });
  await call('PATCH', '/v1/clients/acme', {
    billing: { legalName: 'Acme AI, Inc.', address: '1 Main St', email: 'ap@acme.example', currency: 'USD' },
  });
  await call('POST', '/v1/clients/acme/identifiers', { kind: 'cidr', cidr: '203.0.113.0/24' });
  await call('POST', '/v1/clients/globex/identifiers', { kind: 'api_key' });
  await call('POST', '/v1/clients/initech/hold', { reason: '<b>bold</b> "claim" of '.repeat(15) });
  await call('PUT', '/v1/clients/globex/policy', { action: 'refuse', status: 403, reason: 'abuse' });
}

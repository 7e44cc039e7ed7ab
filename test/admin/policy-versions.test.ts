import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Origin } from '../support/origins/listening.ts';
import { startScriptedOrigin } from '../support/origins/scripted.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

const POLICY = {
  terms: { version: '2026-04-10', url: 'https://platform.example/tos' },
  rightsholder: { name: 'Platform Inc.', email: 'licensing@platform.example' },
  purposes: { search: 'allow', ai_training: 'licence' },
};
const ROBOTS = 'User-agent: *\nDisallow: /wp-admin/\n';

describe('published policies', () => {
  let rig: ApiRig;
  let platform: Origin;
  beforeAll(async () => {
    rig = await apiRig('postgres', 'admin-policy-versions');
    platform = await startScriptedOrigin((url, response) => {
      if (url.pathname === '/robots.txt') response.end(ROBOTS);
      else response.writeHead(200, { 'content-usage': 'train-ai=y' }).end('{}');
    });
    rig.upstreamUrl = platform.url;
  });
  afterAll(async () => {
    await rig.close();
    await platform.stop();
  });
  const add = (json: Record<string, unknown>, token?: string) =>
    rig.call('POST', '/v1/policies', { json: { reason: 'new terms', ...json }, ...(token && { token }) });

  test('are described before they are added', async () => {
    const preview = await add({ policy: POLICY, dryRun: true, origin: 'https://site.example' });
    expect(preview.status).toBe(200);
    const { documents, differences, contradictions } = preview.json;
    expect(contradictions).toEqual([]);
    const names = documents.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['robots.txt', 'license.xml', 'tdmrep.json', 'tdm-policy.json']);
    expect(documents[0].content).toContain(
      'License: https://site.example/.well-known/postmeter/license.xml\n',
    );
    expect(
      documents[0].content.endsWith(
        'Disallow: /wp-admin/\nContent-Signal: search=yes, ai-train=no\nContent-Usage: train-ai=n, search=y\n',
      ),
    ).toBe(true);
    expect(differences).toContainEqual({ agent: 'GPTBot', path: '/', isAllowed: false });
    expect((await rig.call('GET', '/v1/policies')).json.items).toEqual([]);
  });

  test('are added as versions, each with its hash and a row in the audit log', async () => {
    const startMs = Math.ceil(Date.now() / 1000) * 1000 + 60_000;
    const first = await add({ policy: POLICY });
    expect(first.status).toBe(201);
    expect(first.json).toMatchObject({ version: 1, isInForce: true, createdBy: 'ADMIN_TOKEN' });
    expect(first.json.policy).toMatchObject({ ...POLICY, regime: 'opt_out', paths: [] });
    const later = await add({
      policy: { ...POLICY, purposes: {} },
      validFrom: new Date(startMs).toISOString(),
    });
    expect(later.json).toMatchObject({ version: 2, isInForce: false });
    const page = (await rig.call('GET', '/v1/policies?limit=1')).json;
    expect(page.items.map(({ version }: { version: number }) => version)).toEqual([2]);
    const rest = (await rig.call('GET', `/v1/policies?cursor=${page.next}`)).json;
    expect(rest).toEqual({ items: [first.json], next: null });
    expect((await rig.call('GET', '/v1/policies/1')).json).toEqual(first.json);
    rig.nowMs = startMs;
    expect((await rig.call('GET', '/v1/policies/2')).json.isInForce).toBe(true);
    rig.nowMs = null;
    const audited = (await rig.call('GET', '/v1/audit?subject=policies')).json.items;
    expect(audited.map(({ after }: { after: { version: number } }) => after.version)).toEqual([2, 1]);
    expect(audited[1].after.sha256).toBe(first.json.sha256);
  });

  test('have documents', async () => {
    const licence = await rig.call('GET', '/v1/policies/1/documents/license.xml');
    expect(licence.json).toMatchObject({ name: 'license.xml', contentType: 'application/rsl+xml' });
    expect((await rig.call('GET', '/v1/policies/9/documents/license.xml')).status).toBe(404);
    expect((await rig.call('GET', '/v1/policies/1/documents/ai.txt')).status).toBe(400);
  });

  test('are compared with what the platform publishes', async () => {
    const { json } = await rig.call('POST', '/v1/policies/check', { json: {} });
    expect(json.version).toBe(1);
    expect(json.findings).toContainEqual({
      code: 'usage_contradicts',
      level: 'error',
      path: '/',
      agent: null,
      detail: 'The page states train-ai=y in Content-Usage, and the policy says licence.',
      hint: 'Remove the header from the platform.',
    });
  });

  test.each([
    ['an unknown agent', { agents: { GTPBot: 'deny' } }, 'policy.agents.GTPBot'],
    ['one agent twice', { agents: { GPTBot: 'deny', gptbot: 'allow' } }, 'policy.agents.gptbot'],
    ['one path twice', { paths: [path('/a', {}), path('/a', {})] }, 'policy.paths.1.path'],
    [
      'a permission without effect',
      { paths: [path('/a', { '*': 'deny' })] },
      'policy.paths.0.purposes.search',
    ],
    ['a free path that is denied', { paths: [path('/a/b', {})], freePaths: ['/a/'] }, 'policy.paths.0'],
    [
      'an allowed purpose from which everything is withheld',
      { regime: 'opt_in', enforcement: { mode: 'enforce' } },
      'policy.purposes.search',
    ],
    ['an unknown purpose', { purposes: { mining: 'deny' } }, 'policy.purposes.mining'],
  ])('are refused and change nothing: %s', async (_what, change, field) => {
    const before = (await rig.call('GET', '/v1/policies')).json;
    const answer = await add({ policy: { ...POLICY, ...change } });
    expect(answer.status).toBe(400);
    expect(answer.json.errors.map((fault: { field: string }) => fault.field)).toContain(field);
    expect(answer.json.errors[0].hint).not.toBe('');
    expect((await rig.call('GET', '/v1/policies')).json).toEqual(before);
  });

  test('cannot start in the past, and need the role rights', async () => {
    const past = await add({ policy: POLICY, validFrom: '2026-01-01T00:00:00Z' });
    expect([past.status, past.json.errors[0].field]).toEqual([400, 'validFrom']);
    expect((await add({ policy: POLICY }, await rig.tokenWith('operator'))).status).toBe(403);
    expect((await add({ policy: POLICY }, await rig.tokenWith('rights'))).status).toBe(201);
  });
});

function path(prefix: string, purposes: Record<string, string>) {
  return { path: prefix, purposes: { search: 'allow', ai_training: 'deny', ...purposes } };
}

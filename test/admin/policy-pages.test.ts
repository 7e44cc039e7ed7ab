/** The pages of the policy: its editor with a dry run, its versions, and the check of the platform. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Asker } from '../../src/rights/asker.ts';
import { maskOf } from '../../src/rights/state.ts';
import type { Origin } from '../support/origins/listening.ts';
import { startScriptedOrigin } from '../support/origins/scripted.ts';
import { type ApiRig, apiRig } from './api-rig.ts';
import { type ConsoleVisitor, signIn } from './console-rig.ts';

const DOCUMENT = {
  terms: { version: '2026-04-10', url: 'https://platform.example/tos' },
  rightsholder: { name: 'Platform <b>Inc.</b>', email: 'licensing@platform.example' },
  purposes: { ai_training: 'deny' },
};
const FIELDS = {
  document: JSON.stringify(DOCUMENT),
  'withhold.ai_training.no_training': 'yes',
  reason: 'new terms',
};
const GPTBOT: Asker = { class: 'ai_training', agent: 'GPTBot', verdict: 'verified', evidence: 'range' };

let rig: ApiRig;
let platform: Origin;
let visitor: ConsoleVisitor;
let viewer: ConsoleVisitor;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-policy-pages');
  platform = await startScriptedOrigin((url, response) => {
    if (url.pathname === '/robots.txt') response.end('User-agent: GPTBot\nAllow: /\n');
    else response.writeHead(200, { 'content-usage': 'train-ai=y' }).end('{}');
  });
  rig.upstreamUrl = platform.url;
  for (const state of ['no_training', 'no_search'] as const) {
    rig.tally.exposure.saw(GPTBOT, 'acme', '/posts', maskOf([state]), false, 40);
  }
  visitor = await signIn(rig);
  viewer = await signIn(rig, await rig.tokenWith('viewer'));
});
afterAll(async () => {
  await rig.close();
  await platform.stop();
});

test('an editor names what is wrong with the document, and keeps what was entered', async () => {
  const form = await visitor.get('/policy/new');
  expect(form.text).toMatch(/name="withhold.ai_training.no_training"[^>]*checked/);
  const post = (fields: Record<string, string>) => visitor.post('/policy/new', { ...FIELDS, ...fields });
  const broken = await post({ document: '{"terms": ' });
  expect(broken.status).toBe(400);
  expect(broken.text).toContain('is not JSON');
  expect(broken.text).toMatch(/name="withhold.ai_training.no_training"[^>]*checked/);
  expect(broken.text).not.toMatch(/name="withhold.search.no_search"[^>]*checked/);
  const doubled = await post({ document: JSON.stringify({ ...DOCUMENT, matrix: {} }) });
  expect(doubled.text).toContain('use the table');
  const incomplete = await post({ document: '{}' });
  expect(incomplete.text).toContain('policy.terms');
  const contradictory = { ...DOCUMENT, agents: { GPTBott: 'deny' } };
  const refused = await post({ document: JSON.stringify(contradictory) });
  expect(refused.status).toBe(400);
  expect(refused.text).toContain('is not an agent of the catalogue');
});

test('a dry run shows what changes, and the confirmation stores it with a reason', async () => {
  const before = (await rig.call('GET', '/v1/policies')).json.items.length;
  const preview = await visitor.post('/policy/new', FIELDS);
  expect(preview.status).toBe(200);
  expect(preview.text).toContain('GPTBot');
  expect(preview.text).toContain('disallowed');
  expect(preview.text).toContain('robots.txt');
  // The post with no_training, and not the one with no_search.
  expect(preview.text).toMatch(/Would be withheld<\/p><p class="value"><data class="count" value="1"/);
  expect(preview.text).toMatch(
    /Posts that would have stayed<\/p><p class="value"><data class="count" value="40"/,
  );
  expect(preview.text).toContain('href="/clients/acme"');
  expect((await rig.call('GET', '/v1/policies')).json.items).toHaveLength(before);

  const stored = await visitor.post('/policy/new', { ...FIELDS, step: 'store' });
  expect(stored.location).toBe('/policy?done=added');
  const [version] = (await rig.call('GET', '/v1/policies')).json.items;
  expect(version).toMatchObject({ reason: 'new terms', isInForce: true });
  expect(version.policy.matrix).toEqual({ ai_training: ['no_training'] });

  const page = await viewer.get('/policy');
  expect(page.text).toContain(`Version ${version.version} is in force`);
  expect(page.text).toContain('Platform &lt;b&gt;Inc.&lt;/b&gt;');
  expect(page.text).not.toContain('/policy/new');
  const one = await viewer.get(`/policy/versions/${version.version}`);
  expect(one.text).toContain(version.sha256);
  expect(one.text).toContain('/.well-known/tdmrep.json');
  expect(one.text).toContain('User-agent: GPTBot');
  expect((await viewer.get('/policy/versions/999')).status).toBe(404);
});

test('the check names what the platform says against the policy', async () => {
  await rig.call('POST', '/v1/policies', { json: { policy: DOCUMENT, reason: 'for the check' } });
  const page = await visitor.post('/policy', {});
  const { findings } = (await rig.call('POST', '/v1/policies/check', { json: {} })).json;
  expect(findings.length).toBeGreaterThan(0);
  for (const { level } of findings) expect(page.text).toContain(level);
  expect(page.text).toContain('train-ai');
  expect((await viewer.post('/policy', {})).status).toBe(403);
});

test('a viewer finds no form for a new version', async () => {
  const page = await viewer.get('/policy/new');
  expect(page.text).toContain('needs the role rights');
  expect((await viewer.post('/policy/new', { ...FIELDS, step: 'store' })).status).toBe(403);
});

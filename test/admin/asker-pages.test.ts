/** The pages of askers and agents, and the class of a client. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Asker } from '../../src/rights/asker.ts';
import { type ApiRig, apiRig } from './api-rig.ts';
import { type ConsoleVisitor, signIn } from './console-rig.ts';

const GPTBOT: Asker = { class: 'ai_training', agent: 'GPTBot', verdict: 'verified', evidence: 'range' };
const FORGED: Asker = { class: 'forged', agent: 'GPTBot', verdict: 'forged', evidence: 'claim' };
const KEY: Asker = { class: 'developer', agent: null, verdict: null, evidence: 'credential' };

let rig: ApiRig;
let visitor: ConsoleVisitor;
let viewer: ConsoleVisitor;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-asker-pages');
  rig.agentAccess = {
    fetchPublic: async () => Promise.reject(new Error('unreachable')),
    reverseDns: async () => ({ result: 'denied', names: [] }),
  };
  visitor = await signIn(rig);
  viewer = await signIn(rig, await rig.tokenWith('viewer'));
  await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'Acme AI' } });
  const { exposure } = rig.tally;
  for (let count = 0; count < 3; count++) exposure.saw(GPTBOT, 'acme', '/posts', 0, false, 40);
  exposure.saw(GPTBOT, 'acme', '/posts', 1, true, 0);
  exposure.saw(FORGED, '', '/posts', 0, true, 0);
  exposure.saw(KEY, 'globex', '/posts', 0, false, 7);
});
afterAll(() => rig.close());

test('without requests, the page says so, and is shown to every role', async () => {
  const page = await viewer.get('/askers?from=2026-01-01T00:00&to=2026-01-02T00:00');
  expect(page.status).toBe(200);
  expect(page.text).toContain('Nothing was asked in this time');
  const wrong = await viewer.get('/askers?from=2026-01-02T00:00&to=2026-01-01T00:00');
  expect(wrong.status).toBe(400);
  expect(wrong.text).toContain('is not before');
});

test('answers are listed by class, agent and client with the figures of the API', async () => {
  const page = await visitor.get('/askers');
  const { json } = await rig.call('GET', '/v1/askers');
  expect(json.classes[0]).toMatchObject({ class: 'ai_training', answers: 4, posts: 120, withheld: 1 });
  expect(page.text).toContain('value="4" data-api="/v1/askers#/classes/0/answers"');
  expect(page.text).toContain('value="1" data-api="/v1/askers#/agents/0/withheld"');
  expect(page.text).toContain('value="120" data-api="/v1/askers#/clients/0/posts"');
  expect(page.text).toContain('66.7 %');
  expect(page.text).toMatch(/class="badge bad">.*forged/);
  expect(page.text).toContain('href="/clients/acme"');
});

test("a client's page shows what it asked as, and changes its class", async () => {
  const { json } = await rig.call('GET', '/v1/askers?client=acme');
  expect(json.clients).toHaveLength(1);
  expect(json.hours).toEqual([expect.objectContaining({ class: 'ai_training', answers: 4 })]);
  const before = await visitor.get('/clients/acme');
  expect(before.text).toContain('by evidence');
  expect(before.text).toContain('Answers in the last 24 hours');
  const set = await visitor.post('/clients/acme', { action: 'class', askerClass: 'partner' });
  expect(set.location).toBe('/clients/acme?done=class');
  expect((await rig.call('GET', '/v1/clients/acme')).json.askerClass).toBe('partner');
  const after = await visitor.get('/clients/acme?done=class');
  expect(after.text).toContain('The class is set');
  expect(after.text).toContain('<option value="partner" selected="">');
  expect((await viewer.get('/clients/acme')).text).not.toContain('Set the class');
  await visitor.post('/clients/acme', { action: 'class', askerClass: '' });
  expect((await rig.call('GET', '/v1/clients/acme')).json.askerClass).toBeNull();
});

test('the catalogue shows its lists with their failures, and an operator has them fetched', async () => {
  const page = await viewer.get('/askers/agents');
  expect(page.text).toContain('GPTBot');
  expect(page.text).not.toContain('Fetch the lists now');
  expect(page.text).not.toContain('Explain an address');
  const fetched = await visitor.post('/askers/agents', {});
  expect(fetched.location).toBe('/askers/agents?done=fetched');
  expect((await visitor.get('/askers/agents')).text).toContain('unreachable');
});

test('the catalogue is searched by agent, operator and class', async () => {
  const found = await viewer.get('/askers/agents?find=OPENAI&class=ai_training');
  expect(found.text).toContain('GPTBot');
  expect(found.text).not.toContain('Googlebot</td>');
  expect((await viewer.get('/askers/agents?find=nobody')).text).toContain('No agent of the catalogue');
});

test('an address is explained step by step, and a wrong one keeps the form', async () => {
  const page = await visitor.get('/askers/agents?address=20.171.206.5&agent=GPTBot');
  const { json } = await rig.call('GET', '/v1/agents/check?address=20.171.206.5&agent=GPTBot');
  for (const { finding } of json.steps) expect(page.text).toContain(finding);
  expect(page.text).toContain(json.verdict);
  const wrong = await visitor.get('/askers/agents?address=20.171&agent=GPTBot');
  expect(wrong.text).toContain('is not an IP address');
  expect(wrong.text).toMatch(/name="address"[^>]*value="20.171"/);
  expect((await visitor.get('/askers/agents?address=1.2.3.4&agent=No')).text).toContain('no agent No');
});

test('the verdicts of one agent are listed', async () => {
  const page = await viewer.get('/askers/agents/Googlebot');
  expect(page.text).toContain('No address was checked by reverse DNS');
  expect((await viewer.get('/askers/agents/Nobody')).status).toBe(404);
});

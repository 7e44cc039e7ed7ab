/** The page of unknown callers, without script: choose groups, preview, confirm, undo. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import type { Usage } from '../../src/meter/usage.ts';
import { type ApiRig, apiRig } from './api-rig.ts';
import { type ConsoleVisitor, signIn } from './console-rig.ts';

const T0 = Date.UTC(2026, 2, 1);
let rig: ApiRig;
let visitor: ConsoleVisitor;

beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-callers-page');
  rig.nowMs = T0 + 3_600_000;
  const usage = Array.from(
    { length: 41 },
    (_, n): Usage => ({
      ...{
        clientId: `addr:203.0.113.${n + 1}`,
        identifierId: `addr:203.0.113.${n + 1}`,
        bucketMs: T0 + n * 60_000,
      },
      ...{ posts: 30_000, requests: 1, refused: 0, bytes: 10, uncounted: 0 },
    }),
  );
  await postgresUsageLedger(rig.db).take({ journalId: 'j', firstSequence: 1, lastSequence: 1, usage });
  visitor = await signIn(rig);
});
afterAll(() => rig.close());

const hidden = (text: string, name: string) =>
  new RegExp(`<input type="hidden" name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';
const CHOSEN = '/callers?group=203.0.113.0%2F24';
const fields = async () => ({
  callers: hidden((await visitor.get(CHOSEN)).text, 'callers'),
  ...{ client: 'globex', name: 'Globex <b>BV</b>', ranges: '203.0.113.0/24' },
  ...{ from: '2026-03-01T00:00', reason: 'one scraper' },
});

test('groups are listed with their sum, and selected groups are judged as one', async () => {
  const list = await visitor.get('/callers');
  expect(list.status).toBe(200);
  expect(list.text).toContain('<bdi>203.0.113.0/24</bdi>');
  expect(list.text).toContain('1,230,000');
  expect(list.text).toContain('18,450.00');
  expect(list.text).not.toContain('Name them as one client');
  const chosen = await visitor.get(CHOSEN);
  expect(chosen.text).toMatch(/data-api="[^"]*#\/chosen\/total">\s*1,230,000/);
  expect(hidden(chosen.text, 'callers').split(' ')).toHaveLength(41);
  expect(chosen.text).toMatch(/<textarea[^>]*name="ranges"[^>]*>203\.0\.113\.0\/24<\/textarea>/);
});

test('a faulty form comes back with what was entered and the reason', async () => {
  const answer = await visitor.post(CHOSEN, {
    ...(await fields()),
    ranges: '203.0.113.7/24',
    client: 'Globex',
  });
  expect(answer.status).toBe(400);
  expect(answer.text).toContain('client.id</code> has the wrong format');
  expect(answer.text).toContain('value="Globex"');
  expect(answer.text).toContain('203.0.113.7/24</textarea>');
  const overlapping = await visitor.post(CHOSEN, { ...(await fields()), ranges: '203.0.113.7/24' });
  expect(overlapping.text).toContain('did you mean 203.0.113.0/24?');
});

test('a preview says what would happen, and the confirmation does it; undone, it is as before', async () => {
  const preview = await visitor.post(CHOSEN, await fields());
  expect(preview.status).toBe(200);
  expect(preview.text).toContain('Name 41 callers as globex');
  expect(preview.text).toContain('18,450.00');
  expect((await rig.call('GET', '/v1/clients/globex')).status).toBe(404);

  const names = ['callers', 'client', 'ranges', 'from', 'reason', 'step'];
  const sent = Object.fromEntries(names.map((name) => [name, hidden(preview.text, name)]));
  const done = await visitor.post(CHOSEN, { ...sent, name: 'Globex <b>BV</b>' });
  expect([done.status, done.location]).toEqual([303, '/callers?done=promoted']);
  expect((await rig.call('GET', '/v1/clients/globex')).json.name).toBe('Globex <b>BV</b>');

  const list = await visitor.get('/callers?done=promoted');
  expect(list.text).toContain('named as one client');
  expect(list.text).toContain('No unknown caller took posts in this time');
  const undo = /href="(\/callers\/promotions\/[^"]+)"/.exec(list.text)![1]!;
  expect((await visitor.get(undo)).text).toContain('Undo the naming of 41 callers as globex');
  const undone = await visitor.post(undo, { reason: 'they are not' });
  expect([undone.status, undone.location]).toEqual([303, '/callers?done=undone']);
  expect((await visitor.get('/callers')).text).toContain('1,230,000');
  expect((await visitor.get(undo)).status).toBe(409);
});

test('a viewer sees the groups and cannot name them', async () => {
  const viewer = await signIn(rig, await rig.tokenWith('viewer'));
  const page = await viewer.get(CHOSEN);
  expect(page.text).toContain('1,230,000');
  expect(page.text).not.toContain('Name them as one client');
  expect((await viewer.post(CHOSEN, await fields())).status).toBe(403);
});

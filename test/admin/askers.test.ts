/** Who asked, and what other rules would withhold, from the counts of the gateway in the ledger. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { isoTimestamp } from '../../src/report/timestamp.ts';
import type { Asker } from '../../src/rights/asker.ts';
import { NOT_EVALUATED } from '../../src/rights/enforcement.ts';
import { maskOf } from '../../src/rights/state.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

const HOUR_MS = 3_600_000;
/** In the middle of an hour. The ledger deletes counts that are older than a quarter of a year. */
const T0 = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 1.5 * HOUR_MS;
const FIRST = isoTimestamp(T0 - HOUR_MS / 2);
const SECOND = isoTimestamp(T0 + HOUR_MS / 2);
const HUMAN: Asker = { class: 'human', agent: null, verdict: null, evidence: 'behaviour' };
const BOT: Asker = { class: 'ai_training', agent: 'GPTBot', verdict: 'verified', evidence: 'range' };
const FORGED: Asker = { class: 'forged', agent: 'GPTBot', verdict: 'forged', evidence: 'claim' };
const NO_TRAINING = maskOf(['no_training']);

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-askers');
  // Counts belong to the hour in which their interval began, so each hour begins with a shipment.
  rig.nowMs = T0;
  await rig.call('GET', '/v1/askers');
  const { exposure } = rig.tally;
  exposure.saw(HUMAN, 'addr:192.0.2.1', '/posts', 0, false, 20);
  exposure.saw(BOT, 'openai', '/posts', NO_TRAINING, false, 5);
  exposure.saw(BOT, 'openai', '/posts', 0, false, 7);
  rig.nowMs = T0 + HOUR_MS;
  await rig.call('GET', '/v1/askers');
  exposure.saw(BOT, 'openai', '/posts', NO_TRAINING, true, 0);
  exposure.saw(FORGED, 'addr:192.0.2.9', '', 0, true, 0);
  exposure.saw({ ...BOT, class: 'archive' }, 'archive', '/posts', NOT_EVALUATED, false, 9);
});
afterAll(() => rig?.close());

it('GET /v1/askers has classes, agents, clients and hours, the largest first', async () => {
  const { status, json } = await rig.call('GET', `/v1/askers?from=${FIRST}`);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    classes: [
      { class: 'ai_training', answers: 3, posts: 12, withheld: 1 },
      { class: 'human', answers: 1, posts: 20, withheld: 0 },
      { class: 'forged', answers: 1, posts: 0, withheld: 1 },
      { class: 'archive', answers: 1, posts: 9, withheld: 0 },
    ],
    clients: [
      { clientId: 'openai', class: 'ai_training', agent: 'GPTBot', answers: 3 },
      { clientId: 'addr:192.0.2.9', class: 'forged', agent: 'GPTBot', answers: 1 },
      { clientId: 'archive', class: 'archive', answers: 1 },
    ],
  });
  const { agents, hours } = json as { agents: object[]; hours: { at: string; class: string }[] };
  expect(agents[0]).toMatchObject({
    agent: 'GPTBot',
    class: 'ai_training',
    verdict: 'verified',
    evidence: 'range',
  });
  expect(hours.map((hour) => [hour.at, hour.class])).toEqual([
    [FIRST, 'ai_training'],
    [FIRST, 'human'],
    [SECOND, 'ai_training'],
    [SECOND, 'archive'],
    [SECOND, 'forged'],
  ]);
});

it('a what-if judges the recorded answers by its own matrix', async () => {
  const by = async (body: object) =>
    (await rig.call('POST', '/v1/rights/what-if', { json: { from: FIRST, ...body } })).json as {
      total: object;
      classes: { class: string; wouldWithhold: number }[];
    };
  const byDefault = await by({});
  expect(byDefault.total).toMatchObject({
    answers: 6,
    withheld: 2,
    wouldWithhold: 3,
    wouldWithholdPosts: 5,
    unread: 1,
  });
  expect(byDefault.classes[0]).toMatchObject({ class: 'ai_training', wouldWithhold: 2 });
  expect((await by({ matrix: {} })).total).toMatchObject({ wouldWithhold: 1 });
  expect((await by({ mode: 'shadow' })).total).toMatchObject({ wouldWithhold: 0 });
  expect((await by({ classes: { forged: 'off' } })).total).toMatchObject({ wouldWithhold: 2 });
});

it.each([
  [{ matrix: { human: ['no_training'] } }, 'matrix'],
  [{ matrix: { search: ['private'] } }, 'matrix.search'],
  [{ mode: 'strict' }, 'mode'],
  [{ from: '2026-03-02T00:00:00Z', to: '2026-03-01T00:00:00Z' }, 'from'],
  [{ other: 1 }, 'other'],
])('a what-if of %j is refused at %s', async (json, field) => {
  const { status, json: problem } = await rig.call('POST', '/v1/rights/what-if', { json });
  expect(status).toBe(400);
  const { errors } = problem as { errors: { field: string; hint?: string }[] };
  expect(errors[0]?.field).toContain(field);
});

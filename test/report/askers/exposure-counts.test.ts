import { expect, it } from 'vitest';
import { ExposureCounts } from '../../../src/report/askers/exposure-counts.ts';
import type { Asker } from '../../../src/rights/asker.ts';

const HUMAN: Asker = { class: 'human', agent: null, verdict: null, evidence: 'behaviour' };
const FORGED: Asker = { class: 'forged', agent: 'GPTBot', verdict: 'forged', evidence: 'claim' };

it.each<[string, Asker, string, string]>([
  ['people', HUMAN, 'addr:192.0.2.1', ''],
  ['unknown callers', { ...HUMAN, class: 'unknown' }, 'net:192.0.2.0/24', ''],
  ['registered clients', { ...HUMAN, class: 'unknown' }, 'acme', 'acme'],
  ['callers with a forged claim', FORGED, 'addr:192.0.2.1', 'addr:192.0.2.1'],
])('the client of %s', (_name, asker, clientId, recorded) => {
  const counts = new ExposureCounts();
  counts.saw(asker, clientId, '/posts', 0, false, 1);
  expect(counts.take(false)).toMatchObject([
    { clientId: recorded, class: asker.class, answers: 1, posts: 1 },
  ]);
});

it('adds answers of one kind up, and returns each addition once', () => {
  const counts = new ExposureCounts();
  counts.saw(HUMAN, '', '/posts', 0, false, 2);
  counts.saw(HUMAN, '', '/posts', 0, false, 3);
  expect(counts.take(false)).toMatchObject([{ answers: 2, posts: 5 }]);
  expect(counts.take(false)).toEqual([]);
  counts.saw(HUMAN, '', '/posts', 0, false, 1);
  expect(counts.take(true)).toMatchObject([{ answers: 1, posts: 1 }]);
});

it('counts kinds beyond 10,000 an hour without client and agent, and loses none', () => {
  const counts = new ExposureCounts();
  for (let at = 0; at < 10_010; at++) counts.saw(FORGED, `addr:${at}`, '/posts', 0, true, 0);
  const sums = counts.take(true);
  expect(sums.length).toBe(10_001);
  expect(sums.find(({ clientId }) => clientId === '')).toMatchObject({ agent: '', answers: 10 });
  counts.saw(FORGED, 'addr:x', '/posts', 0, true, 0);
  expect(counts.take(false)).toMatchObject([{ clientId: 'addr:x', agent: 'GPTBot' }]);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CallerTraits } from '../../../src/callers/caller-traits.ts';
import { ExposureCounts } from '../../../src/report/askers/exposure-counts.ts';
import { CountingBatches } from '../../../src/report/routes/counting-batches.ts';
import { RouteCounts } from '../../../src/report/routes/route-counts.ts';
import { UnmatchedPaths } from '../../../src/report/routes/unmatched-paths.ts';
import type { Asker } from '../../../src/rights/asker.ts';

const HOUR_MS = 3_600_000;
const T0 = Date.UTC(2026, 2, 1, 12);

function rig() {
  const routes = new RouteCounts();
  const paths = new UnmatchedPaths();
  const callers = new CallerTraits();
  const exposure = new ExposureCounts();
  const source = {
    takeRoutes: () => routes.take(),
    takePaths: () => paths.take(),
    takeCallers: (isEndOfDay: boolean) => callers.take(() => true, isEndOfDay),
    takeExposure: (isEndOfHour: boolean) => exposure.take(isEndOfHour),
  };
  return { routes, paths, callers, exposure, batches: new CountingBatches('source', source, T0) };
}

test('assigns counts to the hour in which they were made, within one interval', () => {
  const { routes, paths, batches } = rig();
  routes.of('/a').ended('counted', 5, 50);
  batches.gather(T0 + HOUR_MS - 1_000);
  routes.of('/a').ended('counted', 7, 70);
  paths.saw('/b', 'text/html', 3);
  batches.gather(T0 + HOUR_MS + 9_000);
  routes.of('/a').ended('counted', 1, 10);
  batches.gather(T0 + HOUR_MS + 19_000);
  expect(batches.next()?.hours).toEqual([
    {
      hourMs: T0,
      lastMs: T0 + HOUR_MS + 9_000,
      routes: [{ route: '/a', outcome: 'counted', responses: 2, posts: 12, bytes: 120 }],
      paths: [{ path: '/b', responses: 1, bytes: 3 }],
    },
    {
      hourMs: T0 + HOUR_MS,
      lastMs: T0 + HOUR_MS + 19_000,
      routes: [{ route: '/a', outcome: 'counted', responses: 1, posts: 1, bytes: 10 }],
      paths: [],
    },
  ]);
});

test('a ledger that takes each identity once has every count once, regardless of lost calls and replies', () => {
  const step = fc.record({
    posts: fc.integer({ min: 0, max: 50 }),
    arrives: fc.boolean(),
    answered: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { routes, batches } = rig();
      const ledger = { last: 0, posts: 0, responses: 0 };
      const offer = (arrives: boolean, answered: boolean): void => {
        const batch = batches.next();
        if (batch === null || !arrives) return;
        if (batch.sequence > ledger.last) {
          ledger.last = batch.sequence;
          for (const { posts, responses } of batch.hours.flatMap((hour) => hour.routes)) {
            ledger.posts += posts;
            ledger.responses += responses;
          }
        }
        if (answered) batches.confirmed(batch);
      };
      let posts = 0;
      steps.forEach((made, at) => {
        posts += made.posts;
        routes.of('/a').ended('counted', made.posts, 0);
        batches.gather(T0 + at * (HOUR_MS / 3));
        offer(made.arrives, made.answered);
      });
      while (batches.next() !== null) offer(true, true);
      expect([ledger.posts, ledger.responses]).toEqual([posts, steps.length]);
    }),
  );
});

test('adds traits of callers up to their UTC day, once a minute and at the end of the day', () => {
  const { callers, batches } = rig();
  const traits = () => batches.next()?.callers?.filter(({ trait }) => trait === 'route');
  const confirm = () => batches.confirmed(batches.next()!);
  const sums = { clientId: 'addr:192.0.2.1', trait: 'route', value: '/a' };
  callers.saw('addr:192.0.2.1', 'curl', '/a', 1, 10);
  batches.gather(T0 + 59_000);
  expect(batches.next()).toBeNull();
  batches.gather(T0 + 60_000);
  expect(traits()).toEqual([{ ...sums, dayMs: T0 - 12 * HOUR_MS, requests: 1, posts: 10 }]);
  confirm();
  batches.gather(T0 + 12 * HOUR_MS - 1_000);
  callers.saw('addr:192.0.2.1', 'curl', '/a', 1, 7);
  batches.gather(T0 + 12 * HOUR_MS + 1_000);
  callers.saw('addr:192.0.2.1', 'curl', '/a', 1, 1);
  batches.gather(T0 + 12 * HOUR_MS + 61_000);
  expect(traits()).toEqual([
    { ...sums, dayMs: T0 - 12 * HOUR_MS, requests: 1, posts: 7 },
    { ...sums, dayMs: T0 + 12 * HOUR_MS, requests: 1, posts: 1 },
  ]);
});

test('assigns exposure to the hour in which it was counted, and keeps it until the ledger has it', () => {
  const { exposure, batches } = rig();
  const asker: Asker = { class: 'ai_training', agent: 'GPTBot', verdict: 'verified', evidence: 'range' };
  exposure.saw(asker, 'openai', '/posts', 1, false, 20);
  batches.gather(T0 + HOUR_MS - 1_000);
  const first = batches.next();
  exposure.saw(asker, 'openai', '/posts', 1, false, 3);
  batches.gather(T0 + HOUR_MS + 9_000);
  exposure.saw(asker, 'openai', '/posts', 1, true, 0);
  batches.gather(T0 + HOUR_MS + 19_000);
  expect(batches.next()).toBe(first);
  batches.confirmed(first!);
  const kind = { clientId: 'openai', class: 'ai_training', alsoAs: '', agent: 'GPTBot', evidence: 'range' };
  const same = { ...kind, verdict: 'verified', route: '/posts', mask: 1 };
  expect(first?.exposures).toEqual([
    { hourMs: T0, sums: [{ ...same, isWithheld: false, answers: 1, posts: 20 }] },
  ]);
  expect(batches.next()?.exposures).toEqual([
    { hourMs: T0, sums: [{ ...same, isWithheld: false, answers: 1, posts: 3 }] },
    { hourMs: T0 + HOUR_MS, sums: [{ ...same, isWithheld: true, answers: 1, posts: 0 }] },
  ]);
});

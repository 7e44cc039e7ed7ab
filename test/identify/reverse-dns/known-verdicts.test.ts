import { describe, expect, test } from 'vitest';
import { type Address, parseAddress } from '../../../src/identify/address.ts';
import { verdictFinder } from '../../../src/identify/reverse-dns/find-verdict.ts';
import {
  KnownVerdicts,
  type KnownVerdictsOptions,
} from '../../../src/identify/reverse-dns/known-verdicts.ts';
import type { ReverseResult, ReverseVerdict, VerdictStore } from '../../../src/identify/reverse-dns/port.ts';
import { verdictOf } from '../../../src/identify/reverse-dns/verdict-life.ts';
import { GOOGLEBOT } from '../ranges/agents-for-tests.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const address = (at: number) => parseAddress(`66.${at >> 16}.${(at >> 8) & 255}.${at & 255}`)!;

/** Answers at once with `result`, or, if it is null, when `release` is called. */
const rig = (options: Partial<KnownVerdictsOptions> = {}) => {
  const state = {
    nowMs: 0,
    result: 'verified' as ReverseResult | null,
    asked: 0,
    inFlight: 0,
    peak: 0,
    release: [] as (() => void)[],
    errors: [] as unknown[],
  };
  const find = async (_address: Address) => {
    state.asked++;
    state.peak = Math.max(state.peak, ++state.inFlight);
    if (state.result === null) await new Promise<void>((done) => state.release.push(done));
    state.inFlight--;
    return verdictOf({ result: state.result ?? 'denied', names: [] }, state.nowMs);
  };
  const onError = (error: unknown) => state.errors.push(error);
  const verdicts = new KnownVerdicts({ find, nowMs: () => state.nowMs, onError, ...options });
  const of = (at: number) => verdicts.of(address(at), GOOGLEBOT, state.nowMs);
  return { state, verdicts, of };
};
const turn = () => new Promise((done) => setImmediate(done));

describe('the verdict of an address', () => {
  test.each([
    ['verified', 24 * HOUR_MS],
    ['denied', HOUR_MS],
    ['error', MINUTE_MS],
  ] as const)('%s holds for %i ms', async (result, lifeMs) => {
    const { state, of } = rig();
    state.result = result;
    expect(of(1)).toBe('pending');
    await turn();
    state.nowMs = lifeMs - 1;
    expect(of(1)).toBe(result);
    await turn();
    if (result === 'verified') return;
    state.nowMs = lifeMs;
    expect(of(1)).toBe('pending');
  });

  test('that is verified is renewed before its end, and survives errors until then', async () => {
    const { state, of } = rig();
    of(1);
    await turn();
    state.nowMs = 20 * HOUR_MS;
    state.result = 'error';
    expect(of(1)).toBe('verified');
    await turn();
    expect(of(1)).toBe('verified');
    state.nowMs = 24 * HOUR_MS;
    expect(of(1)).toBe('pending');
  });

  test('that is an error lasts longer with each one, to five minutes', async () => {
    const { state, of } = rig();
    state.result = 'error';
    const lives: number[] = [];
    for (let round = 0; round < 7; round++) {
      expect(of(1)).toBe('pending');
      await turn();
      const fromMs = state.nowMs;
      while (of(1) === 'error') state.nowMs += MINUTE_MS;
      lives.push((state.nowMs - fromMs) / MINUTE_MS);
      await turn();
      // The question at the end of the life has been answered.
      state.nowMs += 5 * MINUTE_MS;
    }
    expect(lives.slice(0, 2)).toEqual([1, 3]);
    expect(lives.at(-1)).toBe(5);
  });

  test('is asked for once while it is pending', async () => {
    const { state, of } = rig();
    state.result = null;
    for (let round = 0; round < 5; round++) expect(of(1)).toBe('pending');
    expect(state.asked).toBe(1);
    state.release[0]!();
    await turn();
    expect(of(1)).toBe('denied');
  });
});

test('at most 32 addresses are asked for at a time and 1,000 wait; the others are counted and asked for later', async () => {
  const { state, verdicts, of } = rig();
  state.result = null;
  for (let at = 0; at < 1_500; at++) of(at);
  expect(state.asked).toBe(32);
  expect(verdicts.dropped).toBe(1_500 - 1_032);
  while (state.release.length > 0) {
    for (const release of state.release.splice(0)) release();
    await turn();
  }
  expect({ asked: state.asked, peak: state.peak }).toEqual({ asked: 1_032, peak: 32 });
  expect(of(1_031)).toBe('denied');
  expect(of(1_032)).toBe('pending');
});

test('a finder that fails is reported and counts as an error', async () => {
  const failure = new Error('odd');
  const { state, of } = rig({ find: () => Promise.reject(failure) });
  of(1);
  await turn();
  expect(of(1)).toBe('error');
  expect(state.errors).toEqual([failure]);
});

describe('a finder', () => {
  const stored = new Map<string, ReverseVerdict>();
  const store: VerdictStore = {
    find: async (of, agent, nowMs) => {
      const found = stored.get(`${of} ${agent}`);
      return found !== undefined && found.untilMs > nowMs ? found : null;
    },
    save: async (of, agent, verdict) => void stored.set(`${of} ${agent}`, verdict),
    tidy: async () => {},
  };
  const errors: unknown[] = [];
  const finder = (result: ReverseResult, nowMs: number, from = store) => {
    let asked = 0;
    const find = verdictFinder({
      store: from,
      reverseDns: async () => {
        asked++;
        return { result, names: [] };
      },
      nowMs: () => nowMs,
      onStoreError: (error) => errors.push(error),
    });
    return async () => ({ result: (await find(address(1), GOOGLEBOT)).result, asked });
  };

  test('shares what it found, except errors, until it is due for renewal', async () => {
    stored.clear();
    expect(await finder('error', 0)()).toEqual({ result: 'error', asked: 1 });
    expect(await finder('verified', 0)()).toEqual({ result: 'verified', asked: 1 });
    expect(await finder('denied', 19 * HOUR_MS)()).toEqual({ result: 'verified', asked: 0 });
    expect(await finder('denied', 20 * HOUR_MS)()).toEqual({ result: 'denied', asked: 1 });
    expect(await finder('verified', 20 * HOUR_MS)()).toEqual({ result: 'denied', asked: 0 });
  });

  test('works without the ledger', async () => {
    const away: VerdictStore = {
      find: () => Promise.reject(new Error('away')),
      save: () => Promise.reject(new Error('away')),
      tidy: async () => {},
    };
    expect(await finder('verified', 0, away)()).toEqual({ result: 'verified', asked: 1 });
    expect(errors).toHaveLength(2);
  });
});

/** Two processes on one ledger: lists are fetched once, and verdicts are shared. */

import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type RunningAgentKnowledge, startAgentKnowledge } from '../../../src/entry/agents/knowledge.ts';
import { parseAddress } from '../../../src/identify/address.ts';
import { PublicFetchError } from '../../../src/identify/public-fetch.ts';
import { type EmptyLedger, emptyLedger } from '../../adapters/postgres/empty-ledger.ts';
import { AGENTS, COMMON, GOOGLEBOT, GPTBOT } from '../../identify/ranges/agents-for-tests.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let empty: EmptyLedger;
let nowMs = Date.UTC(2026, 11, 1);
const running: RunningAgentKnowledge[] = [];
const fetched: string[] = [];
const asked: string[] = [];

beforeAll(async () => {
  empty = await emptyLedger('postgres', 'agent-knowledge');
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});
afterAll(() => empty.drop());

/** Starts a process whose first look comes after the delay of the first fetch. */
const start = async (isOffline = false) => {
  const { db } = await empty.another();
  const times = [nowMs];
  const one = startAgentKnowledge({
    ...{ db, agents: AGENTS, chance: 0, log: pino({ level: 'silent' }) },
    nowMs: () => times.pop() ?? nowMs + 60_000,
    access: isOffline
      ? null
      : {
          fetchPublic: async (url) => {
            fetched.push(url);
            if (url !== COMMON) throw new PublicFetchError('unreachable', 'no network');
            const body = new TextEncoder().encode('66.249.64.0/24');
            return { status: 200, body, etag: null, cacheControl: null, contentType: null };
          },
          reverseDns: async ({ text }) => {
            asked.push(text);
            return { result: text === '8.8.4.4' ? 'verified' : 'denied', names: [] };
          },
        },
  });
  running.push(one);
  return (address: string, agent = GOOGLEBOT) =>
    one.knowledge.judge(parseAddress(address)!, agent, nowMs + 60_000).verdict;
};

describe('two processes', () => {
  test('fetch each list once, and both know it', async () => {
    const first = await start();
    await vi.waitFor(() => expect(first('66.249.64.7')).toBe('verified'));
    await vi.waitFor(() => expect(fetched).toHaveLength(3));
    const second = await start();
    await vi.waitFor(() => expect(second('66.249.64.7')).toBe('verified'));
    expect(fetched.filter((url) => url === COMMON)).toHaveLength(1);
  });

  test('share their verdicts, and ask DNS once', async () => {
    asked.length = 0;
    const [first, second] = [await start(), await start()];
    for (const judge of [first, second]) {
      await vi.waitFor(() => expect(judge('8.8.4.4')).toBe('verified'));
      await vi.waitFor(() => expect(judge('8.8.8.8')).toBe('forged'));
    }
    expect(asked.toSorted()).toEqual(['8.8.4.4', '8.8.8.8']);
    // Its list was never fetched.
    expect(first('8.8.8.8', GPTBOT)).toBe('pending');
  });
});

test('a process warns of lists that cannot be fetched, and calls no claim forged if a list is older than seven days', async () => {
  nowMs += 3 * DAY_MS + HOUR_MS;
  const judge = await start(true);
  await vi.waitFor(() => expect(judge('66.249.64.7')).toBe('verified'));
  // A process that is offline by its configuration does not warn.
  expect(running[0]!.warning()).toBeNull();
  const online = await start();
  await vi.waitFor(() =>
    expect(running[1]!.warning()).toContain('2 lists of address ranges cannot be fetched'),
  );
  expect(online('66.249.64.7')).toBe('verified');
  await vi.waitFor(() => expect(online('8.8.8.9')).toBe('forged'));
  nowMs += 8 * DAY_MS;
  expect(online('8.8.8.9')).toBe('pending');
  await vi.waitFor(() => expect(asked.filter((address) => address === '8.8.8.9')).toHaveLength(2));
  expect(online('8.8.8.9')).toBe('pending');
});

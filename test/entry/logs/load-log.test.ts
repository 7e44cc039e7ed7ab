import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { logLoad } from '../../../src/entry/logs/load-log.ts';
import { Tally } from '../../../src/report/tally.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('says once a minute, and at the end, how many requests and connections met a bound', () => {
  vi.useFakeTimers();
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const tally = new Tally();
  const stop = logLoad(tally, log);
  vi.advanceTimersByTime(60_000);
  expect(lines).toEqual([]);
  for (let i = 0; i < 3; i++) tally.sawAggregated();
  tally.sawOverload();
  vi.advanceTimersByTime(59_999);
  expect(lines).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(lines).toMatchObject([
    { requests: 3, msg: expect.stringContaining('identify.maxAddresses') },
    { requests: 1, msg: expect.stringContaining('refused') },
  ]);
  vi.advanceTimersByTime(60_000);
  expect(lines).toHaveLength(2);
  tally.sawAggregated();
  tally.sawDroppedConnection();
  stop();
  expect(lines.slice(2)).toMatchObject([{ requests: 1 }, { connections: 1 }]);
  tally.sawOverload();
  vi.advanceTimersByTime(60_000);
  expect(lines).toHaveLength(4);
});

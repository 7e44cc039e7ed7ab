import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { logOverload } from '../../../src/entry/logs/overload-log.ts';
import { GatewayCounters } from '../../../src/report/gateway-counters.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('reports once a minute and at the end how many requests and connections reached a limit', () => {
  vi.useFakeTimers();
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const tally = new GatewayCounters();
  const stop = logOverload(tally, log);
  vi.advanceTimersByTime(60_000);
  expect(lines).toEqual([]);
  for (let i = 0; i < 3; i++) tally.aggregatedClient();
  tally.overload();
  vi.advanceTimersByTime(59_999);
  expect(lines).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(lines).toMatchObject([
    { requests: 3, msg: expect.stringContaining('identify.maxAddresses') },
    { requests: 1, msg: expect.stringContaining('refused') },
  ]);
  vi.advanceTimersByTime(60_000);
  expect(lines).toHaveLength(2);
  tally.aggregatedClient();
  tally.droppedConnection();
  stop();
  expect(lines.slice(2)).toMatchObject([{ requests: 1 }, { connections: 1 }]);
  tally.overload();
  vi.advanceTimersByTime(60_000);
  expect(lines).toHaveLength(4);
});

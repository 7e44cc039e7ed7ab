import { expect, it } from 'vitest';
import { GatewayCounters } from '../../src/report/gateway-counters.ts';

it('counts requests by outcome and status class, with their posts and bytes', () => {
  const tally = new GatewayCounters();
  for (let i = 0; i < 4; i++) tally.requestStarted();
  tally.requestEnded('forwarded', 200, 20, 1_000);
  tally.requestEnded('forwarded', 206, 5, 10);
  tally.requestEnded('aborted', 0, 0, 0);
  expect(tally.inFlight()).toBe(1);
  tally.requestEnded('failed', 502, 0, 0);
  expect(tally.requests()).toEqual([
    { labels: { outcome: 'forwarded', status_class: '2xx' }, value: 2 },
    { labels: { outcome: 'failed', status_class: '5xx' }, value: 1 },
    { labels: { outcome: 'aborted', status_class: '0xx' }, value: 1 },
  ]);
  expect([tally.inFlight(), tally.posts(), tally.bytes()]).toEqual([0, 25, 1_010]);
});

it('counts the load of the process', () => {
  const tally = new GatewayCounters();
  for (let i = 0; i < 3; i++) tally.waitStarted();
  tally.waitEnded();
  tally.aggregatedClient();
  tally.overload();
  tally.overload();
  tally.droppedConnection();
  expect([tally.waiting(), tally.aggregated(), tally.overloaded(), tally.droppedConnections()]).toEqual([
    2, 1, 2, 1,
  ]);
});

it('counts failures of the upstream by code', () => {
  const tally = new GatewayCounters();
  tally.upstreamError('upstream_timeout');
  expect(tally.upstreamErrors()).toEqual([{ labels: { code: 'upstream_timeout' }, value: 1 }]);
});

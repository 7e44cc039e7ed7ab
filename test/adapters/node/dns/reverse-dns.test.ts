/** Reverse DNS against a real server whose zones are hostile. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nodeReverseDns } from '../../../../src/adapters/node/dns/reverse-dns.ts';
import { parseAddress } from '../../../../src/identify/address.ts';
import { agentKnowledge } from '../../../../src/identify/agents/knowledge.ts';
import { KnownLists } from '../../../../src/identify/ranges/known-lists.ts';
import { verdictFinder } from '../../../../src/identify/reverse-dns/find-verdict.ts';
import { KnownVerdicts } from '../../../../src/identify/reverse-dns/known-verdicts.ts';
import { GOOGLEBOT } from '../../../identify/ranges/agents-for-tests.ts';
import { type DnsServer, startDnsServer } from './dns-server.ts';

const SUFFIXES = ['.googlebot.com'];
const NAME = 'crawl-1.googlebot.com';

let server: DnsServer;
beforeAll(async () => {
  server = await startDnsServer();
});
afterAll(() => server.close());
beforeEach(() => {
  Object.assign(server, { delayMs: 0, queries: 0, inFlight: 0, peak: 0, answer: () => null });
});

const ask = (address = '66.249.66.1', limits: { queryTimeoutMs?: number; timeoutMs?: number } = {}) =>
  nodeReverseDns({ servers: [server.address], ...limits })(parseAddress(address)!, SUFFIXES);

describe('an address', () => {
  test('of IPv4 or IPv6 is verified by its name', async () => {
    server.answer = (_name, type) => {
      if (type === 'PTR') return [NAME];
      return type === 'A' ? ['66.249.66.1'] : ['2001:4860:4801:0010:0000:0000:0000:0001'];
    };
    expect(await ask()).toEqual({ result: 'verified', names: [NAME] });
    expect(await ask('2001:4860:4801:10::1')).toEqual({ result: 'verified', names: [NAME] });
    expect(server.queries).toBe(4);
  });

  test('without a name, or whose name has no address, is denied', async () => {
    expect(await ask()).toEqual({ result: 'denied', names: [] });
    server.answer = (_name, type) => (type === 'PTR' ? [NAME] : []);
    expect(await ask()).toEqual({ result: 'denied', names: [NAME] });
  });
});

describe('a hostile zone', () => {
  test('with 50 names costs five queries', async () => {
    server.answer = (_name, type) =>
      type === 'PTR' ? Array.from({ length: 50 }, (_, at) => `n${at}.googlebot.com`) : null;
    // 50 names exceed a UDP message of 512 bytes; c-ares accepts larger ones with EDNS.
    expect(await ask()).toMatchObject({ result: 'denied' });
    expect(server.queries).toBe(5);
  });

  test('that fails is an error, and not a denial', async () => {
    server.answer = () => 'failure';
    expect(await ask()).toEqual({ result: 'error', names: [] });
  });

  test('that is silent ends after the limit of a query', async () => {
    server.answer = () => 'silent';
    const startMs = performance.now();
    expect(await ask('66.249.66.1', { queryTimeoutMs: 300 })).toEqual({ result: 'error', names: [] });
    expect(performance.now() - startMs).toBeLessThan(1_500);
  });

  test('with silent names ends after the limit of the address', async () => {
    server.answer = (_name, type) =>
      type === 'PTR' ? Array.from({ length: 4 }, (_, at) => `n${at}.googlebot.com`) : 'silent';
    const startMs = performance.now();
    expect(await ask('66.249.66.1', { queryTimeoutMs: 2_000, timeoutMs: 400 })).toMatchObject({
      result: 'error',
    });
    expect(performance.now() - startMs).toBeLessThan(1_500);
    expect(server.queries).toBeLessThanOrEqual(3);
  });

  test('whose names lead to each other is not followed', async () => {
    server.answer = (name, type) => (type === 'PTR' ? [name.replace(/^\d+/, '9')] : ['66.249.66.1']);
    expect(await ask()).toMatchObject({ result: 'denied' });
    expect(server.queries).toBe(1);
  });
});

test('10,000 addresses claim Googlebot, half of them are real: no verdict is wrong', {
  timeout: 60_000,
}, async () => {
  const count = 10_000;
  const textOf = (at: number) => `66.249.${at >> 8}.${at & 255}`;
  const isReal = (at: number) => at % 2 === 0;
  server.answer = (name, type) => {
    if (type === 'PTR') {
      const [last, third] = name.split('.');
      const at = Number(third) * 256 + Number(last);
      // A forger owns its reverse zone and can name any host. It cannot make Google's name lead to its address.
      return isReal(at) || at % 3 === 0 ? [`crawl-${at}.googlebot.com`] : ['host.example.net'];
    }
    const at = Number(/crawl-(\d+)/.exec(name)?.[1]);
    return isReal(at) ? [textOf(at)] : null;
  };
  const verdicts = new KnownVerdicts({
    find: verdictFinder({
      store: { find: async () => null, save: async () => {}, tidy: async () => {} },
      reverseDns: nodeReverseDns({ servers: [server.address] }),
      nowMs: Date.now,
      onStoreError: () => {},
    }),
    nowMs: Date.now,
    onError: () => {},
  });
  const agent = { ...GOOGLEBOT, verify: { ...GOOGLEBOT.verify, ranges: [] } };
  const knowledge = agentKnowledge({ lists: new KnownLists([agent], []), verdicts });
  const judge = (at: number) => knowledge.judge(parseAddress(textOf(at))!, agent, Date.now()).verdict;
  let waiting = Array.from({ length: count }, (_, at) => at);
  const wrong: number[] = [];
  while (waiting.length > 0) {
    const pending: number[] = [];
    for (const at of waiting) {
      const verdict = judge(at);
      if (verdict === 'pending') pending.push(at);
      else if (verdict !== (isReal(at) ? 'verified' : 'forged')) wrong.push(at);
    }
    waiting = pending;
    await new Promise((done) => setTimeout(done, 20));
  }
  expect(wrong).toEqual([]);
  expect(server.peak).toBeLessThanOrEqual(32);
});

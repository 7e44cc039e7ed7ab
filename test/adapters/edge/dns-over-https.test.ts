import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { httpsReverseDns } from '../../../src/adapters/edge/dns-over-https.ts';
import { parseAddress } from '../../../src/identify/address.ts';

const NAME = 'crawl-1.googlebot.com';
const asked: string[] = [];
let answer: (name: string, type: string, response: ServerResponse) => void;
const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '', 'http://resolver.test');
  const [name, type] = [searchParams.get('name') ?? '', searchParams.get('type') ?? ''];
  asked.push(`${type} ${name} ${request.headers.accept}`);
  answer(name, type, response);
});
let resolver: string;
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  resolver = `http://127.0.0.1:${(server.address() as AddressInfo).port}/dns-query`;
});
afterAll(
  () =>
    new Promise<void>((done) => {
      server.closeAllConnections();
      server.close(() => done());
    }),
);
beforeEach(() => {
  asked.length = 0;
});

const ask = (address = '66.249.66.1') =>
  httpsReverseDns(resolver)(parseAddress(address)!, ['.googlebot.com']);
const records = (type: number, ...data: readonly string[]) =>
  JSON.stringify({ Status: 0, Answer: data.map((text) => ({ name: 'x', type, TTL: 60, data: text })) });

describe('reverse DNS over HTTPS', () => {
  test('verifies an address by its name', async () => {
    answer = (_name, type, response) =>
      void response.end(type === 'PTR' ? records(12, `${NAME}.`) : records(1, '66.249.66.1'));
    expect(await ask()).toEqual({ result: 'verified', names: [NAME] });
    expect(asked).toEqual([
      'PTR 1.66.249.66.in-addr.arpa application/dns-json',
      `A ${NAME} application/dns-json`,
    ]);
  });

  test('reads no records of other types, such as an alias', async () => {
    answer = (_name, type, response) =>
      void response.end(type === 'PTR' ? records(12, NAME) : records(5, '66.249.66.1'));
    expect(await ask()).toEqual({ result: 'denied', names: [NAME] });
  });

  test.each([
    ['a name that does not exist', 200, '{"Status":3}', 'denied'],
    ['a name without records', 200, '{"Status":0}', 'denied'],
    ['a failing server of the zone', 200, '{"Status":2}', 'error'],
    ['an error of the resolver', 503, '', 'error'],
    ['a redirect', 302, '', 'error'],
    ['a page', 200, '<html>', 'error'],
    ['an endless answer', 200, 'x'.repeat(100_000), 'error'],
  ])('takes %s as it is', async (_what, status, body, result) => {
    answer = (_name, _type, response) => void response.writeHead(status, { location: '/' }).end(body);
    expect(await ask()).toMatchObject({ result });
    expect(asked).toHaveLength(1);
  });

  test('ends two seconds after a query without an answer', async () => {
    answer = () => {};
    expect(await ask()).toMatchObject({ result: 'error' });
  });
});

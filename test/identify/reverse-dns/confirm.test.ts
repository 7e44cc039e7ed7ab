import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/identify/address.ts';
import { confirmReverse, fittingNames } from '../../../src/identify/reverse-dns/confirm.ts';
import type { DnsQueries } from '../../../src/identify/reverse-dns/port.ts';

const SUFFIXES = ['.googlebot.com', 'google.com'];
const ADDRESS = '66.249.66.1';
const NAME = 'crawl-66-249-66-1.googlebot.com';

/** A zone: the names of each address, and the addresses of each name. An Error is a query without an answer. */
const zoneOf = (
  names: readonly string[] | Error,
  addresses: Readonly<Record<string, readonly string[] | Error>>,
) => {
  const asked: string[] = [];
  const answer = async (found: readonly string[] | Error) => {
    if (found instanceof Error) throw found;
    return found;
  };
  const dns: DnsQueries = {
    names: () => answer(names),
    addresses: (name, family) => {
      asked.push(`${name} ${family}`);
      return answer(addresses[name] ?? []);
    },
  };
  return { dns, asked };
};
const confirm = (zone: ReturnType<typeof zoneOf>, address = ADDRESS) =>
  confirmReverse(parseAddress(address)!, SUFFIXES, zone.dns);
const AWAY = new Error('no answer');

describe('an address', () => {
  test.each([
    ['whose name leads back', [NAME], { [NAME]: [ADDRESS] }, 'verified', [NAME]],
    [
      'whose name has capitals and a final dot',
      ['CRAWL.Google.com.'],
      { 'crawl.google.com': [ADDRESS] },
      'verified',
      ['crawl.google.com'],
    ],
    ['whose name leads elsewhere', [NAME], { [NAME]: ['66.249.66.2'] }, 'denied', [NAME]],
    ['whose name has no address', [NAME], {}, 'denied', [NAME]],
    ['without a name', [], {}, 'denied', []],
    [
      'of a stranger',
      ['host.example.net'],
      { 'host.example.net': [ADDRESS] },
      'denied',
      ['host.example.net'],
    ],
    [
      'with a name that only ends alike',
      ['evilgooglebot.com'],
      { 'evilgooglebot.com': [ADDRESS] },
      'denied',
      ['evilgooglebot.com'],
    ],
    ['whose reverse zone is silent', AWAY, {}, 'error', []],
    ['whose forward zone is silent', [NAME], { [NAME]: AWAY }, 'error', [NAME]],
    [
      'with one silent and one good name',
      ['a.google.com', NAME],
      { 'a.google.com': AWAY, [NAME]: [ADDRESS] },
      'verified',
      [NAME],
    ],
    [
      'with one silent and one bad name',
      ['a.google.com', NAME],
      { 'a.google.com': AWAY },
      'error',
      ['a.google.com', NAME],
    ],
  ] as const)('%s is %s', async (_what, names, addresses, result, found) => {
    expect(await confirm(zoneOf(names, addresses))).toEqual({ result, names: found });
  });

  test('of IPv6 is compared in canonical form, by AAAA records alone', async () => {
    const zone = zoneOf([NAME], { [NAME]: ['2001:4860:4801:0010:0:0:0:1'] });
    expect(await confirm(zone, '2001:4860:4801:10::1')).toMatchObject({ result: 'verified' });
    expect(zone.asked).toEqual([`${NAME} 6`]);
  });

  test('with 50 names costs four queries more', async () => {
    const names = Array.from({ length: 50 }, (_, at) => `n${at}.googlebot.com`);
    const zone = zoneOf(names, { 'n49.googlebot.com': [ADDRESS] });
    expect(await confirm(zone)).toMatchObject({ result: 'denied' });
    expect(zone.asked).toHaveLength(4);
  });
});

test('names that anyone can have, and texts that are not names, do not fit', () => {
  const names = [
    'a.gae.googleusercontent.com',
    'b.googleusercontent.com',
    'c d.googleusercontent.com',
    '.googleusercontent.com',
  ];
  expect(fittingNames(names, ['.googleusercontent.com'])).toEqual(['b.googleusercontent.com']);
  expect(fittingNames([`${'a.'.repeat(130)}googlebot.com`], SUFFIXES)).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import { parseList } from '../../../src/identify/ranges/parse-list.ts';

const texts = (text: string, contentType: string | null = null) => {
  const parsed = parseList(text, contentType);
  return parsed.ok ? parsed.prefixes.map((prefix) => prefix.text) : parsed.reason;
};
const json = (...prefixes: readonly unknown[]) => JSON.stringify({ creationTime: '2026-01-01', prefixes });

describe('a list of address ranges', () => {
  test('is read in the shape of Google, OpenAI, Bing and Apple', () => {
    expect(texts(json({ ipv6Prefix: '2001:4860:4801:10::/64' }, { ipv4Prefix: '66.249.64.0/27' }))).toEqual([
      '2001:4860:4801:10::/64',
      '66.249.64.0/27',
    ]);
  });

  test('is read as JAFAR: unknown fields and invalid objects are ignored', () => {
    const list = json(
      { ipv4Prefix: '66.249.64.0/24', services: ['A'], more: 1 },
      { ipv4Prefix: '8.8.8.0/24', ipv6Prefix: '2600::/32' },
      {},
      null,
      7,
    );
    expect(texts(list, 'application/jafar+json; version=1.7')).toEqual(['66.249.64.0/24']);
    expect(texts(list, 'Application/JAFAR+json;version="1.10"')).toEqual(['66.249.64.0/24']);
  });

  test('of a greater major version is refused', () => {
    const list = json({ ipv4Prefix: '66.249.64.0/24' });
    expect(texts(list, 'application/jafar+json; version=2.0')).toBe(
      'the list is JAFAR version 2; only version 1 is supported',
    );
    expect(texts(list, 'application/json; version=2.0')).toEqual(['66.249.64.0/24']);
  });

  test('is read as text, one prefix or address per line, with comments', () => {
    expect(texts('\uFEFF# Agents\r\n66.249.64.0/27 # crawl\r\n\r\n157.55.39.1\n2600::/32\n')).toEqual([
      '66.249.64.0/27',
      '157.55.39.1/32',
      '2600::/32',
    ]);
  });

  test('gets canonical prefixes: bits beyond the length are cleared, and mapped addresses are IPv4', () => {
    expect(texts('66.249.64.7/27\n2600:0:0::1/32\n::ffff:66.249.64.0/123')).toEqual([
      '66.249.64.0/27',
      '2600::/32',
      '66.249.64.0/27',
    ]);
  });

  test.each([
    ['', 'the list contains no prefixes'],
    [json(), 'the list contains no prefixes'],
    ['{"prefixes":', 'the list is not valid JSON'],
    ['{"ranges":[]}', 'the list has no array `prefixes`'],
    ['<!doctype html><html>', 'the list contains "<!doctype html><html>", which is not an address range'],
    [
      json({ ipv4Prefix: '66.249.64.0/33' }),
      'the list contains "66.249.64.0/33", which is not an address range',
    ],
    [json({ ipv4Prefix: '0x42.1/16' }), 'the list contains "0x42.1/16", which is not an address range'],
    ['8.8.8.8\n'.repeat(100_001), 'the list contains more than 100000 prefixes'],
  ])('%.40j is refused', (text, reason) => {
    expect(texts(text)).toBe(reason);
  });
});

import { parseDictionary, parseItem } from 'structured-headers';
import { expect, test } from 'vitest';
import { PERMISSIONS } from '../../src/terms/policy.ts';
import { PublishedTerms } from '../../src/terms/published.ts';
import { policyVersion } from './policies.ts';

function headersFor(given: Parameters<typeof policyVersion>[0], path: string, own: string[] = []) {
  const headers = [...own];
  new PublishedTerms(policyVersion(given), [], () => 'hash').headers.addTo(headers, path);
  return headers;
}
const valuesOf = (headers: readonly string[], name: string) =>
  headers.filter((_, at) => at % 2 === 1 && headers[at - 1]!.toLowerCase() === name);

const NO_TRAINING = { purposes: { ai_training: 'licence', search: 'allow' } } as const;

test('every header that is sent is a structured field', () => {
  for (const search of PERMISSIONS) {
    for (const ai_training of PERMISSIONS) {
      const headers = headersFor({ purposes: { search, ai_training } }, '/');
      const [usage] = valuesOf(headers, 'content-usage');
      const members = [...parseDictionary(usage!)].map(([key, [value]]) => [key, String(value)]);
      const letter = (permission: string) => (permission === 'allow' ? 'y' : 'n');
      expect(Object.fromEntries(members)).toEqual({
        search: letter(search),
        'train-ai': letter(ai_training),
      });
      const reservation = ai_training === 'allow' ? [] : ['1'];
      expect(valuesOf(headers, 'tdm-reservation')).toEqual(reservation);
      for (const value of reservation) expect(parseItem(value)[0]).toBe(1);
    }
  }
  expect(headersFor({}, '/')).toEqual([
    'Link',
    '</.well-known/postmeter/license.xml>; rel="license"; type="application/rsl+xml"',
  ]);
});

test('the longest path applies', () => {
  const given: Parameters<typeof policyVersion>[0] = {
    purposes: { ai_training: 'deny' },
    paths: [{ path: '/open/', purposes: { ai_training: 'allow' } }],
  };
  expect(valuesOf(headersFor(given, '/open/1?x'), 'content-usage')).toEqual(['train-ai=y']);
  expect(valuesOf(headersFor(given, '/open/1'), 'tdm-reservation')).toEqual([]);
  expect(valuesOf(headersFor(given, '/opening'), 'content-usage')).toEqual(['train-ai=n']);
});

test.each([
  ['stricter', ['Content-Usage', 'train-ai=y, search=n'], 'train-ai=n, search=n'],
  ['with more members', ['content-usage', 'train-ai=y;x=1, bots=y'], 'train-ai=n, bots=y, search=y'],
  [
    'in two fields',
    ['content-usage', 'train-ai=n;x=1', 'Content-Usage', 'other'],
    'train-ai=n;x=1, other, search=y',
  ],
  ['that cannot be parsed', ['Content-Usage', 'train-ai:n'], 'train-ai=n, search=y'],
])("the platform's own statement is joined: %s", (_what, own, expected) => {
  expect(valuesOf(headersFor(NO_TRAINING, '/', own), 'content-usage')).toEqual([expected]);
});

test("the platform's own links and reservation stay", () => {
  const own = ['Link', '</own.xml>; rel="license"', 'tdm-reservation', '1', 'tdm-policy', '/own.json'];
  const headers = headersFor(NO_TRAINING, '/', own);
  expect(valuesOf(headers, 'link')).toHaveLength(2);
  expect(valuesOf(headers, 'tdm-policy')).toEqual(['/own.json']);
  expect(valuesOf(headers, 'tdm-reservation')).toEqual(['1']);
  const lax = headersFor(NO_TRAINING, '/', ['TDM-Reservation', '0']);
  expect(valuesOf(lax, 'tdm-reservation')).toEqual(['1']);
  expect(valuesOf(lax, 'tdm-policy')).toEqual(['/.well-known/postmeter/tdm-policy.json']);
});

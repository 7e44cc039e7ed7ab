import { describe, expect, test } from 'vitest';
import { type PublicDocument, PublicFetchError } from '../../../src/identify/public-fetch.ts';
import {
  afterDocument,
  afterFailure,
  fetchFailureText,
  isListDue,
  isListOverdue,
} from '../../../src/identify/ranges/agent-list.ts';
import { listOf } from './agents-for-tests.ts';

const HOUR_MS = 3_600_000;
const THEN_MS = 1_000 * HOUR_MS;
const NOW_MS = THEN_MS + 24 * HOUR_MS;
const URL_TEXT = 'https://lists.example/bot.json';
const LIST = { ...listOf(URL_TEXT, ['66.249.64.0/20'], THEN_MS), etag: '"a"' };

const document = (text: string, more: Partial<PublicDocument> = {}): PublicDocument => ({
  ...{ status: 200, etag: '"b"', cacheControl: null, contentType: 'application/json' },
  body: new TextEncoder().encode(text),
  ...more,
});
const prefixes = (...texts: readonly string[]) =>
  document(JSON.stringify({ prefixes: texts.map((ipv4Prefix) => ({ ipv4Prefix })) }));

describe('a fetched document', () => {
  test('replaces the list', () => {
    expect(
      afterDocument(LIST, prefixes('66.249.64.0/20', '66.249.64.0/20', '40.77.167.0/24'), NOW_MS),
    ).toEqual({
      ...{ url: URL_TEXT, fetchedAtMs: NOW_MS, triedAtMs: NOW_MS, etag: '"b"', failure: null },
      ...{ prefixes: ['66.249.64.0/20', '40.77.167.0/24'], isShipped: false },
    });
  });

  test('that has not changed confirms the list', () => {
    const failing = afterFailure(LIST, 'timeout: no complete response within 10 s', NOW_MS - HOUR_MS);
    expect(afterDocument(failing, document('', { status: 304 }), NOW_MS)).toEqual({
      ...LIST,
      fetchedAtMs: NOW_MS,
      triedAtMs: NOW_MS,
    });
  });

  test.each([
    ['an HTML page', document('<html>'), 'not an address range'],
    ['an empty list', prefixes(), 'no prefixes'],
    ['the internet', prefixes('66.249.64.0/20', '0.0.0.0/0'), 'wider than /8'],
    ['another list', prefixes('40.77.167.0/24'), 'less than half'],
    ['a cloud', prefixes('66.249.64.0/20', '20.0.0.0/8'), 'more than 10 times'],
    [
      'another version',
      { ...prefixes('66.249.64.0/20'), contentType: 'application/jafar+json;version=3.0' },
      'JAFAR version 3',
    ],
  ])('that is %s leaves the last good list', (_what, bad, reason) => {
    expect(afterDocument(LIST, bad, NOW_MS)).toEqual({
      ...LIST,
      triedAtMs: NOW_MS,
      failure: expect.stringContaining(reason),
    });
  });

  test('of another size is accepted if an operator says so, or if the last list was shipped', () => {
    const other = prefixes('40.77.167.0/24');
    expect(afterDocument(LIST, other, NOW_MS, true).failure).toBeNull();
    expect(afterDocument({ ...LIST, isShipped: true }, other, NOW_MS).failure).toBeNull();
    expect(afterDocument(LIST, prefixes('0.0.0.0/0'), NOW_MS, true).failure).toContain('wider than /8');
  });
});

test('a list is fetched daily, and hourly after a failure', () => {
  const jitterMs = HOUR_MS;
  expect(isListDue({ ...LIST, triedAtMs: null }, NOW_MS, jitterMs)).toBe(true);
  expect(isListDue({ ...LIST, triedAtMs: NOW_MS - 24 * HOUR_MS + 1 }, NOW_MS, jitterMs)).toBe(false);
  expect(isListDue({ ...LIST, triedAtMs: NOW_MS - 24 * HOUR_MS }, NOW_MS, jitterMs)).toBe(true);
  const failed = { ...LIST, failure: 'timeout' };
  expect(isListDue({ ...failed, triedAtMs: NOW_MS - HOUR_MS + 1 }, NOW_MS, jitterMs)).toBe(false);
  expect(isListDue({ ...failed, triedAtMs: NOW_MS - HOUR_MS }, NOW_MS, jitterMs)).toBe(true);
});

test('a list is overdue after three days, once fetching was tried', () => {
  const day3 = THEN_MS + 72 * HOUR_MS;
  expect(isListOverdue(LIST, day3)).toBe(false);
  expect(isListOverdue(LIST, day3 + 1)).toBe(true);
  expect(isListOverdue({ ...LIST, triedAtMs: null }, day3 + 1)).toBe(false);
  expect(isListOverdue({ ...LIST, fetchedAtMs: null }, THEN_MS)).toBe(true);
});

test('a failed fetch is named by its code', () => {
  expect(fetchFailureText(new PublicFetchError('timeout', 'no response'))).toBe('timeout: no response');
  expect(fetchFailureText(new TypeError('odd'))).toBe('TypeError: odd');
});

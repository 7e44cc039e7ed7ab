import { describe, expect, it } from 'vitest';
import { browserCheck, sendsFetchMetadata } from '../../../src/identify/asker/behaviour.ts';
import { catalogueOf } from '../../../src/identify/asker/catalogue/catalogue.ts';
import { askerHead } from '../../../src/identify/asker/request-head.ts';
import { AUTOMATED, PEOPLE } from './user-agents.ts';

const catalogue = catalogueOf([]);
const isLikeBrowser = browserCheck();
const headOf = (userAgent: string, ...more: string[]) =>
  askerHead(['User-Agent', userAgent, 'Accept-Language', 'en', ...more]);

describe('200 User-Agents', () => {
  it('are of people and of automated clients, each once', () => {
    expect(new Set([...PEOPLE, ...AUTOMATED]).size).toBe(PEOPLE.length + AUTOMATED.length);
    expect(PEOPLE.length + AUTOMATED.length).toBeGreaterThanOrEqual(200);
  });

  it('of people claim no agent and look like browsers', () => {
    const wrong = PEOPLE.filter(
      (userAgent) => catalogue.claimedBy(userAgent).length > 0 || !isLikeBrowser(headOf(userAgent), false),
    );
    expect(wrong).toEqual([]);
  });

  it('of automated clients claim an agent or do not look like browsers', () => {
    const wrong = AUTOMATED.filter(
      (userAgent) => catalogue.claimedBy(userAgent).length === 0 && isLikeBrowser(headOf(userAgent), false),
    );
    expect(wrong).toEqual([]);
  });
});

describe('a request like that of a browser', () => {
  const CHROME = PEOPLE.find((userAgent) => userAgent.includes('Chrome/140'))!;

  it('has Accept-Language', () => {
    expect(isLikeBrowser(askerHead(['User-Agent', CHROME]), false)).toBe(false);
    expect(isLikeBrowser(askerHead(['user-agent', CHROME, 'ACCEPT-LANGUAGE', 'de']), false)).toBe(true);
  });

  it('has a User-Agent of at most 1,000 characters', () => {
    expect(isLikeBrowser(headOf(CHROME.padEnd(1_000, ' ')), false)).toBe(true);
    expect(isLikeBrowser(headOf(CHROME.padEnd(1_001, ' ')), false)).toBe(false);
  });

  it('has Sec-Fetch-* over https, unless it opens a WebSocket', () => {
    expect(isLikeBrowser(headOf(CHROME), true)).toBe(false);
    expect(isLikeBrowser(headOf(CHROME, 'Sec-Fetch-Mode', 'navigate'), true)).toBe(true);
    expect(isLikeBrowser(headOf(CHROME, 'Upgrade', 'websocket'), true)).toBe(true);
  });

  it('is judged by all of its User-Agents', () => {
    expect(isLikeBrowser(headOf(CHROME, 'User-Agent', 'curl/8.7.1'), false)).toBe(false);
  });

  it.each<[string, boolean]>([
    ['Chrome/79.0.3945.88 Safari/537.36', false],
    ['Chrome/80.0.3987.87 Safari/537.36', true],
    ['(Linux; Android 14; X; wv) Version/4.0 Chrome/139.0.0.0 Mobile Safari/537.36', false],
    ['Chrome/138.0.0.0 Electron/37.2.5 Safari/537.36', false],
    ['Gecko/20100101 Firefox/89.0', false],
    ['Gecko/20100101 Firefox/90.0', true],
    ['Version/16.3 Safari/605.1.15', false],
    ['Version/16.4 Safari/605.1.15', true],
    ['Version/17.0 Mobile/15E148 Safari/604.1', true],
    ['Mobile/15E148 [FBAN/FBIOS]', false],
  ])('that names %s: Sec-Fetch-* is expected: %s', (userAgent, expected) => {
    expect(sendsFetchMetadata(`Mozilla/5.0 ${userAgent}`)).toBe(expected);
  });
});

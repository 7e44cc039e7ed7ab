import { expect, it } from 'vitest';
import { factsOf, isOnHost, targetOf } from '../../../src/adapters/worker/request-facts.ts';

it.each([
  ['https://admin.example/v1/clients', 'admin.example', true],
  ['https://admin.example/v1/clients', 'Admin.Example', true],
  ['http://admin.localhost:8787/', 'admin.localhost', true],
  ['http://admin.localhost:8787/', 'admin.localhost:8787', true],
  ['http://admin.localhost:8788/', 'admin.localhost:8787', false],
  ['https://admin.example.evil.test/', 'admin.example', false],
  ['https://api.example/admin.example', 'admin.example', false],
  ['https://api.example/', '', false],
  ['https://ADMIN.example/', 'admin.example', true],
  ['https://admin.example./', 'admin.example', true],
  ['http://admin.localhost.:8787/', 'admin.localhost', true],
  ['https://admin.example/', 'admin.example.', true],
  ['https://admin.example../', 'admin.example', false],
])('isOnHost(%s, %s) returns %s', (url, expected, is) => {
  expect(isOnHost(url, expected)).toBe(is);
});

it('targetOf returns path and query unchanged', () => {
  expect(targetOf('https://api.example/a%2Fb?c=//d')).toBe('/a%2Fb?c=//d');
});

it("factsOf has Cloudflare's category of a verified bot only if it is trusted, and never from a header", () => {
  const request = (cf?: object) => ({ method: 'GET', url: 'https://api.example/a', cf }) as never;
  const bot = request({ verifiedBotCategory: 'AI Crawler' });
  const headers = ['verifiedBotCategory', 'Search Engine Crawler'];
  expect(factsOf(bot, headers, true).botCategory).toBe('AI Crawler');
  expect(factsOf(bot, headers, false)).not.toHaveProperty('botCategory');
  expect(factsOf(request(), headers, true)).not.toHaveProperty('botCategory');
  expect(factsOf(request({ verifiedBotCategory: '' }), headers, true)).not.toHaveProperty('botCategory');
});

import { expect, it } from 'vitest';
import { isOnHost, targetOf } from '../../../src/adapters/worker/request-facts.ts';

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

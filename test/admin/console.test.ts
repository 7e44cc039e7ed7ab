/** The console's frame: signing in, pages as clients of the API, headers. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiRig, apiRig } from './api-rig.ts';
import { signIn } from './console-rig.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-console');
});
afterAll(() => rig.close());

test('a person without a session is sent to the page that signs in, and from there back', async () => {
  const answer = await rig.call('GET', '/audit?subject=x', { token: null });
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toBe('/sign-in?to=%2Faudit%3Fsubject%3Dx');
  const form = await rig.call('GET', answer.headers.get('location')!, { token: null });
  expect(form.status).toBe(200);
  expect(form.text).toContain('value="/audit?subject=x"');
});

test('a page shows what the API answers to the same person', async () => {
  await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
  const visitor = await signIn(rig);
  const page = await visitor.get('/audit');
  expect(page.status).toBe(200);
  expect(page.text).toMatch(/^<!DOCTYPE html><html lang="en">/);
  expect(page.text).toContain('client.created');
  expect(page.text).toContain('session.started');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(page.headers.get('cache-control')).toBe('no-store');
});

test('the stylesheet and the script of a page can be kept for ever', async () => {
  const { text } = await rig.call('GET', '/sign-in', { token: null });
  for (const path of text.match(/\/assets\/[^"]+/g)!) {
    const asset = await rig.call('GET', path, { token: null });
    expect(asset.status).toBe(200);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  }
});

test('signing out ends the session', async () => {
  const visitor = await signIn(rig);
  expect((await visitor.post('/sign-out', {})).location).toBe('/sign-in');
  expect((await visitor.get('/audit')).location).toContain('/sign-in');
});

/** The pages of the registry of rights. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiRig, apiRig } from './api-rig.ts';
import { type ConsoleVisitor, signIn } from './console-rig.ts';

const HOSTILE = '<script>alert(1)</script>';
const SETTING = {
  ...{ kind: 'author', name: HOSTILE, scope: '', state: 'no_training', value: 'on' },
  ...{ source: 'console', reason: 'asked by mail' },
};

let rig: ApiRig;
let visitor: ConsoleVisitor;
let viewer: ConsoleVisitor;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-rights-pages');
  visitor = await signIn(rig);
  viewer = await signIn(rig, await rig.tokenWith('viewer'));
});
afterAll(() => rig.close());

const subjectsOf = async (query: string) =>
  (await rig.call('GET', `/v1/rights/subjects?${query}`)).json.items;

test('a setting is stated by its form, found by its name, and in the history of its subject', async () => {
  expect((await visitor.get('/rights')).text).toContain('The registry is empty');
  const wrong = await visitor.post('/rights', { ...SETTING, name: '' });
  expect(wrong.status).toBe(400);
  expect(wrong.text).toContain('field-name-error');
  expect(wrong.text).toMatch(/name="reason"[^>]*value="asked by mail"/);

  const stored = await visitor.post('/rights', SETTING);
  expect(stored.status).toBe(303);
  const list = await visitor.get(stored.location!);
  expect(list.text).toContain('The setting is stored');
  expect(list.text).not.toContain(HOSTILE);
  expect(list.text).toContain('&lt;script&gt;');
  const [subject] = await subjectsOf('kind=author');
  const path = `/rights/subjects/${subject.id}`;
  expect(list.text).toContain(`href="${path}"`);

  const withdrawn = await visitor.post(path, { ...SETTING, value: 'unset', reason: 'withdrawn by mail' });
  expect(withdrawn.location).toBe(`${path}?done=set`);
  const page = await visitor.get(path);
  expect(page.text.indexOf('withdrawn by mail')).toBeLessThan(page.text.indexOf('asked by mail'));
  expect((await subjectsOf('kind=author'))[0]).toMatchObject({ on: [], off: [] });
});

test('a viewer sees the registry and no form that changes it', async () => {
  const list = await viewer.get('/rights');
  expect(list.status).toBe(200);
  expect(list.text).not.toContain('method="post" data-api');
  expect(list.text).not.toContain('/rights/import');
  expect((await viewer.get('/rights/import')).text).toContain('need the role rights');
  const refused = await viewer.post('/rights', SETTING);
  expect(refused.status).toBe(403);
});

test('an import says what it changes before it stores, and a cut file is refused with the way to allow it', async () => {
  const fields = { source: 'feed', reason: 'nightly', maxLift: '5' };
  const rows = ['a1', 'a2', 'a3', 'a4'].map((name) => `author,,${name},no_training,on`);
  const csv = ['kind,scope,name,state,value', ...rows].join('\n');
  const preview = await visitor.post('/rights/import', { ...fields, csv });
  expect(preview.text).toContain('Import 4 settings of feed');
  expect(await subjectsOf('name=a1')).toEqual([]);
  const stored = await visitor.post('/rights/import', { ...fields, csv, step: 'store' });
  expect(stored.location).toBe('/rights?done=imported');
  expect(await subjectsOf('name=a1')).toMatchObject([{ on: ['no_training'] }]);

  const cut = { ...fields, csv: csv.split('\n').slice(0, 3).join('\n'), replaceSource: 'yes' };
  const refused = await visitor.post('/rights/import', cut);
  expect(refused.status).toBe(409);
  expect(refused.text).toContain('would lift 2 of the 4 states');
  expect(refused.text).toMatch(/name="replaceSource"[^>]*checked/);
  const allowed = await visitor.post('/rights/import', { ...cut, maxLift: '50' });
  expect(allowed.text).toMatch(/States that are lifted<\/dt><dd><data class="count" value="2"/);
  const faulty = await visitor.post('/rights/import', { ...fields, csv: `${csv}\nauthor,,a5,no_such,on` });
  expect(faulty.status).toBe(400);
  expect(faulty.text).toContain('row 5: state');
});

test('a chosen file takes the place of the text', async () => {
  const body = new FormData();
  for (const [name, value] of Object.entries({ source: 'feed', reason: 'file', maxLift: '5', csv: '' })) {
    body.set(name, value);
  }
  body.set(
    'file',
    new File(['kind,scope,name,state,value\npost,,p1,private,on\n'], 'rights.csv', { type: 'text/csv' }),
  );
  const response = await fetch(`${rig.url}/rights/import`, {
    method: 'POST',
    body,
    headers: { cookie: visitor.cookie, 'sec-fetch-site': 'same-origin', accept: 'text/html' },
  });
  const text = await response.text();
  expect(text).toContain('Import 1 setting of feed');
  expect(text).toContain('post,,p1,private,on');
});

test('a post is explained by the settings that decide', async () => {
  await rig.call('POST', '/v1/rights/settings', {
    json: { source: 'platform', reason: 'law', settings: [{ kind: 'post', name: 'p9', state: 'legal' }] },
  });
  expect((await viewer.get('/rights/explain')).text).toContain('Name a post, an author');
  const page = await viewer.get('/rights/explain?post=p9&author=a1');
  expect(page.text).toContain('legal, no training');
  expect(page.text).toContain('platform');
  expect(page.text).toContain('nightly');
  expect(page.text).toContain('none is in force');
  await rig.call('POST', '/v1/policies', {
    json: {
      reason: 'first',
      policy: {
        terms: { version: '1', url: 'https://platform.example/tos' },
        rightsholder: { name: 'Platform', email: 'rights@platform.example' },
        matrix: { ai_training: ['no_training'] },
        enforcement: { mode: 'shadow', classes: { ai_training: 'enforce' } },
      },
    },
  });
  const judged = await viewer.get('/rights/explain?author=a1');
  const { policy } = (await rig.call('GET', '/v1/rights/explain?author=a1')).json;
  expect(policy.classes).toContainEqual({
    ...{ class: 'ai_training', mode: 'enforce', outcome: 'withheld' },
    ...{ states: ['no_training'], answer: 'reserved' },
  });
  expect(judged.text).toContain('href="/policy/versions/1"');
  expect(judged.text).toMatch(/AI training<\/td>.*withheld<\/span>.*no training/);
  const wrong = await viewer.get('/rights/explain?post=p9&at=never');
  expect(wrong.status).toBe(400);
});

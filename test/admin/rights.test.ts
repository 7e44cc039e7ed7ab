import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiRig, apiRig, MAX_SUBJECTS } from './api-rig.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-rights');
});
afterAll(() => rig.close());

const setting = (name: string, state = 'no_training') => ({ kind: 'post', name, state });
const post = (path: string, body: string, type: string, headers = {}) =>
  rig.call('POST', path, { body, headers: { 'content-type': type, ...headers } });
const write = (source: string, settings: object[], headers = {}) =>
  rig.call('POST', '/v1/rights/settings', { json: { source, reason: 'asked', settings }, headers });
const importCsv = (source: string, rows: readonly string[], options = '') =>
  post(
    `/v1/rights/imports?source=${source}&reason=list${options}`,
    ['kind,scope,name,state,value,effective_at', ...rows].join('\n'),
    'text/csv',
  );
const statesOf = async (name: string) => {
  const { items } = (await rig.call('GET', `/v1/rights/subjects?name=${name}`)).json;
  return items[0] === undefined ? null : { on: items[0].on, off: items[0].off };
};
const lastSequence = async () => (await write('probe', [setting('probe')])).json.sequence;

describe('settings', () => {
  it('are stored from JSON and from lines of JSON, and listed with their history', async () => {
    const written = await write('platform', [
      { ...setting('s1'), effectiveAt: '2026-01-01T00:00:00Z', ref: 'row 7' },
      { kind: 'blog', name: 'Blog.Example', state: 'no_archive' },
    ]);
    expect(written.status).toBe(200);
    expect(written.json).toMatchObject({ stored: 2, repeated: 0 });
    const lines = [setting('s1', 'private'), { ...setting('s2'), value: 'off' }].map((one) =>
      JSON.stringify(one),
    );
    const more = await post(
      '/v1/rights/settings?source=webhook&reason=event',
      `${lines.join('\n')}\n`,
      'application/x-ndjson',
    );
    expect(more.json).toMatchObject({ stored: 2 });
    expect(await statesOf('s1')).toEqual({ on: ['private', 'no_training'], off: [] });
    expect(await statesOf('s2')).toEqual({ on: [], off: ['no_training'] });
    expect(await statesOf('blog.example')).toEqual({ on: ['no_archive'], off: [] });
    const [subject] = (await rig.call('GET', '/v1/rights/subjects?kind=post&name=s1')).json.items;
    expect((await rig.call('GET', `/v1/rights/subjects/${subject.id}`)).json).toEqual(subject);
    const history = (await rig.call('GET', `/v1/rights/subjects/${subject.id}/settings`)).json.items;
    expect(history).toMatchObject([
      { state: 'private', value: 'on', source: 'webhook', actor: 'ADMIN_TOKEN', reason: 'event', ref: null },
      { state: 'no_training', source: 'platform', effectiveAt: '2026-01-01T00:00:00Z', ref: 'row 7' },
    ]);
    const { items } = (await rig.call('GET', '/v1/rights/sources')).json;
    expect(items).toContainEqual(expect.objectContaining({ id: 'webhook', settings: 2 }));
    const audit = (await rig.call('GET', '/v1/audit?subject=rights/sources/webhook')).json.items;
    expect(audit).toMatchObject([{ action: 'rights.stated', reason: 'event', after: { settings: 2 } }]);
  });

  it.each([
    [
      'an unknown state',
      { ...setting('x'), state: 'no_trainig' },
      'settings.1.state',
      /use one of private, draft/,
    ],
    [
      'an unknown kind',
      { ...setting('x'), kind: 'user' },
      'settings.1.kind',
      /use one of post, author, blog, path/,
    ],
    ['an empty name', setting(''), 'settings.1.name', /at least 1/],
    ['a control character', setting('a\nb'), 'settings.1.name', /plain text/],
    [
      'a future date',
      { ...setting('x'), effectiveAt: '2999-01-01T00:00:00Z' },
      'settings.1.effectiveAt',
      /takes effect/,
    ],
    [
      'a date without a time',
      { ...setting('x'), effectiveAt: '2026-01-01' },
      'settings.1.effectiveAt',
      /ISO 8601/,
    ],
    ['an unknown field', { ...setting('x'), stat: 'private' }, 'settings.1.stat', /remove it/],
  ])('with %s are refused, and so is the whole call', async (_what, wrong, field, hint) => {
    const refused = await write('platform', [setting('unwritten'), wrong]);
    expect(refused.status).toBe(400);
    expect(refused.json.errors).toMatchObject([{ field, hint: expect.stringMatching(hint) }]);
    expect(await statesOf('unwritten')).toBeNull();
  });

  it('in lines are refused with the number of the line', async () => {
    const path = '/v1/rights/settings?source=webhook&reason=event';
    const refused = await post(
      path,
      `${JSON.stringify(setting('unwritten'))}\n\n{"kind":"post"\n${JSON.stringify(setting('x', 'gone'))}`,
      'application/x-ndjson',
    );
    expect(refused.status).toBe(400);
    expect(refused.json.errors).toMatchObject([
      { field: 'row 3', reason: 'is not well-formed JSON' },
      { field: 'row 4: state', reason: 'is not one of the allowed values' },
    ]);
    expect(await statesOf('unwritten')).toBeNull();
    const lacks = await post('/v1/rights/settings?reason=x', '{}', 'application/x-ndjson');
    expect(lacks.json.errors).toMatchObject([{ field: 'source' }]);
    expect((await post(path, 'x', 'text/plain')).status).toBe(415);
    expect((await post(path, '\n', 'application/x-ndjson')).json.detail).toContain('has 0 settings');
  });

  it('are stored once under one key', async () => {
    const headers = { 'idempotency-key': 'call-1' };
    const dated = { ...setting('once'), effectiveAt: '2026-01-01T00:00:00Z' };
    const first = await write('platform', [dated], headers);
    expect(first.json).toMatchObject({ stored: 1 });
    expect((await write('platform', [dated], headers)).json).toEqual(first.json);
    const other = await write('platform', [{ ...dated, state: 'private' }], headers);
    expect(other.status).toBe(409);
    expect(other.json.code).toBe('idempotency_key_reused');
    expect(await statesOf('once')).toEqual({ on: ['no_training'], off: [] });
  });

  it('of more subjects than the registry may have are refused', async () => {
    const before = await lastSequence();
    const many = (from: number) =>
      Array.from({ length: 10_000 }, (_, at) => setting(`m${from + at}`, 'legal'));
    for (let from = 0; from < MAX_SUBJECTS; from += 10_000) {
      const answer = await write('many', many(from));
      if (answer.status === 200) continue;
      expect(answer.status).toBe(409);
      expect(answer.json).toMatchObject({ code: 'too_many_subjects' });
      expect(answer.json.detail).toContain('rights.maxSubjects');
      expect(await lastSequence()).toBe(before + from);
      expect(await statesOf(`m${from}`)).toBeNull();
      return;
    }
    expect.unreachable('the limit was not reached');
  });
});

describe('an import', () => {
  it('stores the rows of a file, and a repeat stores nothing', async () => {
    const rows = [
      'post,,i1,no_training,on,2026-01-01T00:00:00Z',
      'author,A.Example,i2,no_training,,',
      '"post",,"i,3",explicit,off,',
    ];
    expect((await importCsv('file', rows, '&dryRun=true')).json).toMatchObject({
      rows: 3,
      stored: 3,
      dryRun: true,
    });
    expect(await statesOf('i1')).toBeNull();
    expect((await importCsv('file', rows)).json).toEqual({
      ...{ rows: 3, stored: 3, repeated: 0, withdrawn: 0, lifted: null, dryRun: false },
      sequence: expect.any(Number),
    });
    expect((await importCsv('file', rows)).json).toMatchObject({ stored: 0, repeated: 3 });
    expect(await statesOf('i,3')).toEqual({ on: [], off: ['explicit'] });
    expect((await rig.call('GET', '/v1/rights/subjects?scope=a.example')).json.items).toHaveLength(1);
  });

  it('is refused as a whole with the faults of its rows', async () => {
    const before = await lastSequence();
    const wrong = await importCsv('file', [
      'post,,w1,no_training,on,',
      'post,,w2,trained,on,',
      'post,,,private,on,yesterday',
    ]);
    expect(wrong.status).toBe(400);
    expect(wrong.json.errors).toMatchObject([
      { field: 'row 2: state' },
      { field: 'row 3: name' },
      { field: 'row 3: effectiveAt', hint: expect.stringContaining('ISO 8601') },
    ]);
    const header = await post('/v1/rights/imports?source=f&reason=r', 'kind,nam\npost,1', 'text/csv');
    expect(header.json.errors).toMatchObject([
      { field: 'the header', reason: 'has the unknown columns nam' },
    ]);
    const quotes = await importCsv('file', ['post,,"w1,private,on,']);
    expect(quotes.json.errors[0].reason).toMatch(/not well-formed CSV/);
    expect((await importCsv('file', [])).json.detail).toContain('has no rows');
    expect((await rig.call('POST', '/v1/rights/imports?source=f&reason=r', { json: {} })).status).toBe(415);
    expect(await lastSequence()).toBe(before);
  });

  it('as the whole truth withdraws what it lacks, unless that lifts too much', async () => {
    const rows = Array.from({ length: 20 }, (_, at) => `post,,t${at},no_partner_sharing,on,`);
    await importCsv('truth', rows);
    await write('other', [setting('t0', 'no_partner_sharing')]);
    const before = await lastSequence();
    const refused = await importCsv('truth', rows.slice(6), '&replaceSource=true');
    expect(refused.status).toBe(409);
    expect(refused.json.code).toBe('too_many_lifts');
    expect(refused.json.detail).toContain('would lift 6 of the 20 states');
    expect(refused.json.detail).toContain('maxLift=30');
    expect(await lastSequence()).toBe(before);
    const one = await importCsv('truth', rows.slice(1), '&replaceSource=true');
    expect(one.json).toMatchObject({ stored: 1, repeated: 19, withdrawn: 1, lifted: 1 });
    // Another source has stated the same.
    expect(await statesOf('t0')).toEqual({ on: ['no_partner_sharing'], off: [] });
    const allowed = await importCsv('truth', rows.slice(7), '&replaceSource=true&maxLift=32');
    expect(allowed.json).toMatchObject({ withdrawn: 6, lifted: 6 });
    expect(await statesOf('t6')).toEqual({ on: [], off: [] });
    expect(await statesOf('t7')).toEqual({ on: ['no_partner_sharing'], off: [] });
  });
});

describe('an explanation', () => {
  it('names the settings that decide, now and at an earlier time', async () => {
    rig.nowMs = Date.UTC(2026, 5, 1);
    await write('platform', [
      { kind: 'author', name: 'ann', state: 'no_training' },
      { kind: 'blog', name: 'ann.example', state: 'suspended' },
    ]);
    rig.nowMs = Date.UTC(2026, 5, 2);
    await write('ann', [{ ...setting('e1'), value: 'off' }]);
    const path = '/v1/rights/explain?post=e1&author=ann&blog=Ann.Example';
    const now = (await rig.call('GET', path)).json;
    expect(now.states).toEqual(['suspended']);
    expect(now.subjects).toMatchObject([
      { kind: 'post', name: 'e1', off: ['no_training'], decidedBy: [{ source: 'ann', value: 'off' }] },
      { kind: 'author', on: ['no_training'], decidedBy: [{ source: 'platform', reason: 'asked' }] },
      { kind: 'blog', name: 'ann.example', on: ['suspended'] },
    ]);
    const earlier = (await rig.call('GET', `${path}&at=2026-06-01T12:00:00Z`)).json;
    expect(earlier.states).toEqual(['suspended', 'no_training']);
    const optIn = (await rig.call('GET', '/v1/rights/explain?post=none&regime=opt_in')).json;
    expect(optIn.states).toContain('no_training');
    rig.nowMs = null;
  });

  it('includes the prefixes of a path that have settings, on any host and on that of the blog', async () => {
    const path = (name: string, scope: string, state: string) => ({ kind: 'path', scope, name, state });
    await write('paths', [path('/Tags', '', 'no_search'), path('/tags/cats', 'a.example', 'explicit')]);
    const of = async (query: string) => (await rig.call('GET', `/v1/rights/explain?${query}`)).json.states;
    expect(await of('path=/tags/cats/page/2')).toEqual(['no_search']);
    expect(await of('path=/tags/cats/page/2&blog=A.example')).toEqual(['no_search', 'explicit']);
    expect(await of('path=/tag')).toEqual([]);
  });

  it('needs a subject', async () => {
    const answer = await rig.call('GET', '/v1/rights/explain');
    expect(answer.status).toBe(400);
    expect(answer.json.errors).toMatchObject([
      { field: 'post', hint: 'name a post, an author, a blog or a path' },
    ]);
    expect((await rig.call('GET', '/v1/rights/subjects/999999999')).status).toBe(404);
  });
});

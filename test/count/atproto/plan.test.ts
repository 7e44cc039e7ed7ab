import { describe, expect, it } from 'vitest';
import { compileRecords, selectorOf } from '../../../src/count/atproto/plan.ts';
import { planned } from '../planned.ts';
import { planOf } from './counting.ts';
import { LIKE, POST, post } from './repository.ts';

describe('compileRecords', () => {
  it('takes NSIDs with and without a test', () => {
    const { tests } = planOf([
      { record: POST },
      { record: 'com.whtwnd.blog.entry', where: 'visibility != "author"' },
    ]);
    expect(tests.map(({ type }) => type)).toEqual([POST, 'com.whtwnd.blog.entry']);
    expect(tests[0]!.where).toBeNull();
  });

  it.each([
    'post',
    'app.bsky',
    'app.bsky.feed.post/1',
    'app..post',
    '.bsky.feed.post',
    'a b.c.d',
    `a.${'b'.repeat(64)}.c`,
  ])('refuses the record %j, and says what to write', (record) => {
    const entries = [{ record: POST, kind: 'post' } as const, { record, kind: 'post' } as const];
    const compiled = planned((problems) => compileRecords(entries, problems));
    expect(compiled).toMatchObject({ ok: false, problems: [{ at: [1, 'record'] }] });
    expect(JSON.stringify(compiled)).toContain('app.bsky.feed.post');
  });

  it('reports every fault at once', () => {
    const entries = [{ record: 'x', where: 'nonsense', kind: 'post' } as const];
    const compiled = planned((problems) => compileRecords(entries, problems));
    expect(compiled).toMatchObject({ ok: false, problems: [{ at: [0, 'record'] }, { at: [0, 'where'] }] });
  });
});

describe('selectorOf', () => {
  const record = (more: Record<string, unknown>) => ({ $type: POST, text: 'hello', ...more });

  it.each([
    [record({}), 0],
    [{ $type: LIKE }, -1],
    [{ text: 'hello' }, -1],
    [{ $type: [POST] }, -1],
    [[POST], -1],
    [POST, -1],
    [null, -1],
    [new Uint8Array(3), -1],
    [post('a').cid, -1],
    // A member of the prototype does not belong to the record.
    [Object.create({ $type: POST }), -1],
  ])('of %j is %s', (value, selector) => {
    expect(selectorOf(planOf(), value)).toBe(selector);
  });

  it.each([
    ['reply.root != null', { reply: { root: 'at://a' } }, true],
    ['reply.root != null', { reply: {} }, false],
    ['reply.root != null', {}, false],
    ['reply == null', { reply: null }, true],
    ['reply == null', {}, false],
    ['text == "hello"', {}, true],
    ['reply is present', { reply: { root: 'at://a' } }, true],
    ['reply is present', { reply: null }, false],
    ['reply is absent', {}, true],
    ['reply is absent', { reply: {} }, false],
    ['text contains "ell"', {}, true],
    ['text contains "x"', {}, false],
    ['n contains "3"', { n: 3 }, false],
    ['text in ["bye", "hello"]', {}, true],
    ['text != "hello"', {}, false],
    ['n == 3', { n: 3 }, true],
    ['n == 3', { n: 3n }, true],
    ['n == 3', { n: '3' }, false],
    ['on == true', { on: true }, true],
    ['list.length == 1', { list: [1] }, false],
    ['constructor != null', {}, false],
  ])('%s on %o: %s', (where, more, fits) => {
    const plan = planOf([{ record: POST, where }, { record: POST }]);
    expect(selectorOf(plan, record(more))).toBe(fits ? 0 : 1);
  });
});

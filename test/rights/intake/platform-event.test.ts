import { describe, expect, it } from 'vitest';
import { RIGHTS_EVENT_TYPES, readPlatformEvent } from '../../../src/rights/intake/platform-event.ts';

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');
const AT = '2026-03-01T11:59:00.000Z';
const read = (event: unknown) => readPlatformEvent(event, 'msg_1', NOW_MS);
const settingsOf = (event: unknown) => {
  const reading = read(event);
  if (reading.kind !== 'settings') throw new Error(JSON.stringify(reading));
  return reading.settings.map(({ subject, state, value, effectiveAtMs, ref }) => {
    expect([new Date(effectiveAtMs!).toISOString(), ref]).toEqual([AT, 'msg_1']);
    return `${subject.kind} ${subject.scope}/${subject.name} ${state} ${value}`;
  });
};
const faultsIn = (event: unknown) => {
  const reading = read(event);
  if (reading.kind !== 'faults') throw new Error(JSON.stringify(reading));
  return reading.issues.map(({ path }) => path.join('.'));
};

describe('an event of the platform', () => {
  const one = (type: string, data: object) => ({ type, timestamp: AT, data });
  it.each<[type: string, data: object, settings: readonly string[]]>([
    ['post.deleted', { name: '17' }, ['post /17 deleted on']],
    ['post.deleted', { name: 'aB', scope: 'Blog.Example' }, ['post blog.example/aB deleted on']],
    ['post.deleted', { kind: 'path', name: '/a/b' }, ['path //a/b deleted on']],
    ['post.restored', { name: '17', title: 'x' }, ['post /17 deleted off']],
    ['post.edited', { name: '17' }, []],
    [
      'post.visibility_changed',
      { name: '17', states: { private: 'on', draft: 'off', explicit: 'unset' } },
      ['post /17 private on', 'post /17 draft off', 'post /17 explicit unset'],
    ],
    [
      'author.settings_changed',
      { name: 'Ann', states: { no_training: 'on' } },
      ['author /ann no_training on'],
    ],
    [
      'author.settings_changed',
      { kind: 'blog', name: 'Blog.Example', states: { no_search: 'on' } },
      ['blog /blog.example no_search on'],
    ],
    [
      'author.settings_changed',
      { kind: 'path', scope: 'Blogs.example', name: '/Three/', states: { no_training: 'on' } },
      ['path blogs.example//three no_training on'],
    ],
    ['author.deleted', { name: 'ann' }, ['author /ann deleted on']],
    ['author.suspended', { name: 'ann' }, ['author /ann suspended on']],
    ['author.deactivated', { name: 'ann' }, ['author /ann deactivated on']],
    [
      'author.restored',
      { name: 'ann' },
      ['author /ann deleted off', 'author /ann suspended off', 'author /ann deactivated off'],
    ],
  ])('%s with %j', (type, data, settings) => {
    expect(RIGHTS_EVENT_TYPES).toContain(type);
    expect(settingsOf(one(type, data))).toEqual(settings);
  });

  it.each<[event: object, fields: readonly string[]]>([
    [{ type: 'post.deleted' }, ['timestamp', 'data']],
    [one('post.deleted', {}), ['data.name']],
    [one('post.deleted', { kind: 'author', name: 'ann' }), ['data.kind']],
    [one('post.deleted', { name: 17 }), ['data.name']],
    [one('post.visibility_changed', { name: '17' }), ['data.states']],
    [one('post.visibility_changed', { name: '17', states: {} }), ['data.states']],
    [one('post.visibility_changed', { name: '17', states: { private: true } }), ['data.states.private']],
    [{ ...one('post.deleted', { name: '17' }), timestamp: '2026-03-02T00:00:00Z' }, ['timestamp']],
  ])('with a fault names the field: %j', (event, fields) => {
    expect(faultsIn(event)).toEqual(fields);
  });

  it.each([
    null,
    1,
    'x',
    [],
    {},
    { type: 'post.created' },
    { type: 'constructor' },
    { type: 1 },
    { other: {} },
  ])('of an unknown type has no settings: %j', (event) => {
    expect(read(event)).toEqual({ kind: 'unknown_type' });
  });
});

describe('a compliance object of X', () => {
  const timestamp_ms = String(Date.parse(AT));
  const user = { id: 771136850, id_str: '771136850', timestamp_ms };
  it.each<[event: object, settings: readonly string[]]>([
    [
      {
        delete: {
          status: { id: 2 ** 60, id_str: '601430178305220608', user_id: 1 },
          timestamp_ms,
        },
      },
      ['post /601430178305220608 deleted on'],
    ],
    [{ data: { tweet_delete: { tweet: { id: '17' }, event_at: AT } } }, ['post /17 deleted on']],
    [{ data: { delete: { tweet: { id: '17', author_id: '2' }, event_at: AT } } }, ['post /17 deleted on']],
    [{ drop: { status: { id: 17 }, timestamp_ms } }, ['post /17 private on']],
    [{ undrop: { status: { id: 17 }, timestamp_ms } }, ['post /17 private off']],
    [{ user_delete: user }, ['author /771136850 deleted on']],
    [{ user_undelete: user }, ['author /771136850 deleted off']],
    [{ user_protect: user }, ['author /771136850 private on']],
    [{ data: { user_unprotect: { user: { id: '2' }, event_at: AT } } }, ['author /2 private off']],
    [{ user_suspend: user }, ['author /771136850 suspended on']],
    [{ user_unsuspend: user }, ['author /771136850 suspended off']],
    [{ scrub_geo: { user_id: 1, up_to_status_id: 2, timestamp_ms } }, []],
    [{ status_withheld: { status: { id: 17 }, withheld_in_countries: ['de'], timestamp_ms } }, []],
    [{ data: { user_withheld: { user: { id: '2' } } } }, []],
  ])('%j', (event, settings) => {
    expect(settingsOf(event)).toEqual(settings);
  });

  it('with an id that JSON cannot carry exactly, or without a time, has a fault', () => {
    expect(faultsIn({ delete: { status: { id: 2 ** 60 }, timestamp_ms } })).toEqual(['delete.id']);
    expect(faultsIn({ user_delete: { id: 1 } })).toEqual(['user_delete.event_at']);
    expect(faultsIn({ user_delete: null })).toEqual(['user_delete.id', 'user_delete.event_at']);
  });
});

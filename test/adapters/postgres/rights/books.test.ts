import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresRights } from '../../../../src/adapters/postgres/rights/books.ts';
import { ledgerRightsSource } from '../../../../src/adapters/postgres/rights/source.ts';
import { withVerifiableLedger } from '../../../../src/adapters/postgres/verification/verification.ts';
import type { RightsBooks, RightsCall } from '../../../../src/admin/rights/port.ts';
import type { RightsSource } from '../../../../src/rights/port.ts';
import type { NewSetting } from '../../../../src/rights/setting.ts';
import { maskOf, type State } from '../../../../src/rights/state.ts';
import { subjectOf } from '../../../../src/rights/subject.ts';
import { subjectFindings } from '../../../../src/verify/rights.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

const WHO = { actor: 'Ada', atMs: Date.UTC(2026, 2, 1) };
const MAX_SUBJECTS = 60;

const post = (name: string) => subjectOf('post', '', name);
const on = (name: string, state: State, effectiveAtMs: number | null = null): NewSetting => ({
  subject: post(name),
  ...{ state, value: 'on', effectiveAtMs, ref: null },
});
const call = (
  sourceId: string,
  settings: readonly NewSetting[],
  once: RightsCall['once'] = null,
): RightsCall => ({
  ...{ sourceId, settings, once },
  reason: 'asked by the author',
});

describe.each(LEDGER_KINDS)('the registry of rights on %s', (kind) => {
  let empty: EmptyLedger;
  let books: RightsBooks;
  let source: RightsSource;
  beforeAll(async () => {
    empty = await emptyLedger(kind, `rights-${kind}`);
    books = postgresRights(empty.ledger.db, MAX_SUBJECTS);
    source = ledgerRightsSource(empty.ledger);
  });
  afterAll(() => empty.drop());
  const lastSequence = async () => (await source.changesAfter(Number.MAX_SAFE_INTEGER, 1)).lastSequence;

  it('stores settings with the states that follow, and omits repeats', async () => {
    const before = await lastSequence();
    const settings = [on('a', 'deleted'), on('a', 'no_training', 1_000), on('b', 'no_search')];
    expect(await books.write(call('platform', settings), WHO)).toEqual({
      ...{ kind: 'written', stored: 3, repeated: 0, sequence: before + 3 },
    });
    expect(await books.write(call('platform', settings), WHO)).toMatchObject({ stored: 0, repeated: 3 });
    const { changes } = await source.changesAfter(before, 10);
    expect(changes).toEqual([
      {
        subject: post('a'),
        states: { on: maskOf(['deleted', 'no_training']), off: 0 },
        sequence: before + 2,
      },
      { subject: post('b'), states: { on: maskOf(['no_search']), off: 0 }, sequence: before + 3 },
    ]);
    expect((await source.changesAfter(before + 2, 10)).changes).toHaveLength(1);
    const none = { changes: [], lastSequence: before + 3 };
    expect(await source.changesAfter(before + 3, 10)).toEqual(none);
    const { items } = await books.settings(
      (await books.subjects({ name: 'a' }, page())).items[0]!.id,
      page(),
    );
    expect(items.map(({ sequence, state, actor, reason }) => ({ sequence, state, actor, reason }))).toEqual([
      { sequence: before + 2, state: 'no_training', actor: 'Ada', reason: 'asked by the author' },
      { sequence: before + 1, state: 'deleted', actor: 'Ada', reason: 'asked by the author' },
    ]);
  });

  it('combines sources, and gives the states of an earlier time', async () => {
    const later = { ...WHO, atMs: WHO.atMs + 5_000 };
    await books.write(call('file', [on('c', 'no_training', 2_000)]), WHO);
    const allowed: NewSetting = { ...on('c', 'no_training', 3_000), value: 'off' };
    await books.write(call('bluesky', [allowed]), later);
    const found = await books.subjects({ kind: 'post', name: 'c' }, page());
    expect(found.items[0]!.states).toEqual({ on: 0, off: maskOf(['no_training']) });
    const [now] = await books.settingsOf([post('c')], later.atMs);
    const [earlier] = await books.settingsOf([post('c')], WHO.atMs);
    expect(now!.map(({ sourceId }) => sourceId)).toEqual(['file', 'bluesky']);
    expect(earlier!.map(({ sourceId }) => sourceId)).toEqual(['file']);
    const sources = await books.sources();
    expect(sources.find(({ id }) => id === 'bluesky')).toMatchObject({
      settings: 1,
      lastReceivedAtMs: later.atMs,
    });
  });

  it('answers a repeated call with its first result, and refuses its key for another call', async () => {
    const once = { key: 'k', digest: 'd' };
    const first = await books.write(call('platform', [on('d', 'private')], once), WHO);
    expect(await books.write(call('platform', [on('d', 'private')], once), WHO)).toEqual(first);
    expect(await books.write(call('platform', [on('e', 'private')], { ...once, digest: 'x' }), WHO)).toEqual({
      kind: 'key_reused',
    });
    expect((await books.subjects({ name: 'e' }, page())).items).toEqual([]);
    const other = { actor: 'Bob', atMs: WHO.atMs };
    expect(await books.write(call('platform', [on('e', 'private')], once), other)).toMatchObject({
      stored: 1,
    });
  });

  it('lists the statements of one source, subject by subject', async () => {
    await books.write(call('listed', [on('f', 'private'), on('g', 'private'), on('f', 'legal')]), WHO);
    const listed = [];
    for await (const { subject, settings } of books.statements('listed')) {
      listed.push([subject.name, settings.map(({ state }) => state)]);
    }
    expect(listed).toEqual([
      ['f', ['private', 'legal']],
      ['g', ['private']],
    ]);
  });

  it('pages through subjects with a state', async () => {
    await books.write(call('paged', [on('p1', 'explicit'), on('p2', 'explicit'), on('p3', 'explicit')]), WHO);
    const first = await books.subjects({ state: 'explicit' }, { limit: 2, after: null });
    const second = await books.subjects({ state: 'explicit' }, { limit: 2, after: first.next });
    expect([...first.items, ...second.items].map(({ subject }) => subject.name)).toEqual(['p1', 'p2', 'p3']);
    expect(second.next).toBeNull();
  });

  it('refuses subjects beyond its limit and stores nothing of the call', async () => {
    const last = await lastSequence();
    const many = Array.from({ length: MAX_SUBJECTS }, (_, at) => on(`many ${at}`, 'private'));
    expect(await books.write(call('platform', many), WHO)).toEqual({
      ...{ kind: 'too_many_subjects', maxSubjects: MAX_SUBJECTS },
    });
    expect(await lastSequence()).toBe(last);
    expect(await books.write(call('platform', many.slice(0, 20)), WHO)).toMatchObject({ stored: 20 });
  });

  it('commits sequences in order when several processes write at once', async () => {
    const before = await lastSequence();
    const writers = await Promise.all([empty.another(), empty.another(), empty.another()]);
    let isDone = false;
    const seen: number[] = [];
    const reading = (async () => {
      for (let after = before; !isDone || after < (await lastSequence()); ) {
        const { changes } = await source.changesAfter(after, 100);
        seen.push(...changes.map(({ sequence }) => sequence));
        after = changes.at(-1)?.sequence ?? after;
      }
    })();
    await Promise.all(
      writers.map(async ({ db }, writer) => {
        const own = postgresRights(db, MAX_SUBJECTS);
        for (let round = 0; round < 10; round++) {
          await own.write(call(`writer-${writer}`, [on(`many ${writer}`, 'legal', round)]), WHO);
        }
      }),
    );
    isDone = true;
    await reading;
    expect(await lastSequence()).toBe(before + 30);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(before + 30);
  });

  it('reports each change to those who watch', async () => {
    let heard = 0;
    const stop = await source.watch(() => {
      heard += 1;
    });
    expect(heard).toBe(1);
    await books.write(call('platform', [on('a', 'legal')]), WHO);
    await expect.poll(() => heard).toBeGreaterThan(1);
    await stop();
  });

  it('is verified as the fold of its settings', async () => {
    const findings = () =>
      withVerifiableLedger(empty.ledger.db, async (ledger) => {
        const found = [...(await ledger.settingGaps())];
        for await (const subjects of ledger.subjects()) found.push(...subjects.flatMap(subjectFindings));
        return found.map(({ code, subject }) => ({ code, subject }));
      });
    expect(await findings()).toEqual([]);
    const { db } = empty.ledger;
    await db.execute(sql`
      update rights_current set on_states = on_states # 1
      where subject_id = (select id from rights_subjects where name = 'b')`);
    expect(await findings()).toEqual([{ code: 'rights_differ', subject: 'rights/post 0 b' }]);
  });

  it('never changes or deletes a setting', async () => {
    const refused = (statement: string) =>
      expect(empty.ledger.db.execute(sql.raw(statement))).rejects.toMatchObject({ cause: expect.anything() });
    await refused(`update rights_settings set value = 'unset'`);
    await refused('delete from rights_settings');
    await refused('truncate rights_settings');
  });
});

function page() {
  return { limit: 100, after: null };
}

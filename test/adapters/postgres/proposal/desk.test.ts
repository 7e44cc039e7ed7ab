import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeAudit } from '../../../../src/adapters/postgres/admin/audit.ts';
import { noteStore } from '../../../../src/adapters/postgres/admin/notes.ts';
import { adminStore } from '../../../../src/adapters/postgres/admin/store.ts';
import type { LedgerDb } from '../../../../src/adapters/postgres/connection/db.ts';
import type { ProposalAction } from '../../../../src/adapters/postgres/proposal/action.ts';
import { proposalDeskOn } from '../../../../src/adapters/postgres/proposal/desk.ts';
import { clients } from '../../../../src/adapters/postgres/schema.ts';
import { sellers } from '../../../../src/adapters/postgres/seller/tables.ts';
import type { Role } from '../../../../src/admin/port.ts';
import type { ActionRequest, PrincipalAt } from '../../../../src/admin/proposals/port.ts';
import { FOUR_EYES } from '../../../../src/proposal/four-eyes.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

const NOW = Date.UTC(2026, 5, 1);
const ADMIN: PrincipalAt = { actor: 'ADMIN_TOKEN', tokenId: null, atMs: NOW };
const DAY_MS = 86_400_000;

/** Renames a client, so that the effect of an action is visible without an issued invoice. */
const rename: ProposalAction = {
  async subject(tx, { subject }) {
    const [row] = await tx
      .select()
      .from(clients)
      .where(eq(clients.id, subject.slice('clients/'.length)))
      .for('update');
    return row === undefined ? null : { state: { name: row.name }, sellerId: 'default' };
  },
  refusal: async (_tx, { payload }) =>
    payload.name === '' ? { status: 422, field: 'name', reason: 'is empty', hint: 'send a name' } : null,
  async run(tx, { subject, payload, reason }, who) {
    const id = subject.slice('clients/'.length);
    await tx
      .update(clients)
      .set({ name: String(payload.name) })
      .where(eq(clients.id, id));
    await writeAudit(tx, who, { action: 'client.renamed', subject, reason });
    return { id };
  },
};

describe.each(LEDGER_KINDS)('the desk of proposals on %s', (kind) => {
  let empty: EmptyLedger;
  let db: LedgerDb;
  beforeAll(async () => {
    empty = await emptyLedger(kind, 'proposals');
    db = empty.ledger.db;
  });
  afterAll(() => empty.drop());

  const deskOn = (on: LedgerDb, rules = FOUR_EYES) =>
    proposalDeskOn(on, { rules, actions: { write_off: rename }, newId: uuidv7 });

  async function client(): Promise<string> {
    const id = uuidv7();
    await adminStore(db).createClient({ id, name: 'before', billing: {} }, ADMIN);
    return id;
  }
  async function token(
    name: string,
    createdBy: string,
    atMs = NOW - DAY_MS,
    roles: Role[] = ['finance'],
  ): Promise<PrincipalAt> {
    const id = uuidv7();
    await adminStore(db).createToken({ id, name, roles, hash: id }, { actor: createdBy, atMs });
    return { actor: `${name} (token ${id})`, tokenId: id, atMs: NOW };
  }
  const revoke = ({ tokenId }: PrincipalAt) => adminStore(db).revokeToken(tokenId!, ADMIN);
  const ask = (id: string, name = 'after'): ActionRequest => ({
    ...{ kind: 'write_off', subject: `clients/${id}`, payload: { name }, reason: 'a merger' },
  });
  const nameOf = async (id: string) => (await adminStore(db).client(id))?.name;
  const actionsOn = async (under: string) =>
    (await adminStore(db).audit({ under }, { limit: 50, after: null })).items.map(({ action }) => action);

  test('M6: alone, the action is taken at once and recorded; a strict seller refuses', async () => {
    const desk = deskOn(db);
    const id = await client();
    expect(await desk.submit(ask(id), ADMIN)).toEqual({ kind: 'done', id, isAlone: true });
    expect(await nameOf(id)).toBe('after');
    expect(await actionsOn(`clients/${id}`)).toEqual(['client.renamed', 'proposal.alone', 'client.created']);
    const { items } = await desk.proposals({ under: `clients/${id}` }, { limit: 10, after: null });
    expect(items).toMatchObject([{ decision: 'accepted', decisionReason: expect.stringMatching(/^alone/) }]);

    await db.update(sellers).set({ isStrict: true });
    expect(await desk.submit(ask(id, 'again'), ADMIN)).toEqual({ kind: 'alone_refused' });
    expect(await nameOf(id)).toBe('after');
    await db.update(sellers).set({ isStrict: false });
  });

  test('M6: while a second person exists, the proposer, its own tokens, its maker and ADMIN_TOKEN are refused', async () => {
    const desk = deskOn(db);
    const id = await client();
    const boss = await token('boss', 'ADMIN_TOKEN', NOW - DAY_MS, ['admin']);
    const ann = await token('ann', boss.actor);
    const bob = await token('bob', 'ADMIN_TOKEN');
    const own = await token('own', ann.actor);
    const proposed = await desk.submit(ask(id), ann);
    if (proposed.kind !== 'proposed') throw new Error(proposed.kind);
    expect(await nameOf(id)).toBe('before');
    const decide = (who: PrincipalAt) => desk.decide(proposed.proposal.id, 'accepted', 'agreed', who);
    for (const [who, why] of [
      [ann, 'same'],
      [own, 'made_by_first'],
      [boss, 'made_first'],
      [ADMIN, 'admin_token'],
    ] as const) {
      const refusal = { kind: 'not_second', why };
      expect(await decide(who)).toEqual({ kind: 'not_decidable', refusal });
    }
    expect(await nameOf(id)).toBe('before');
    expect(await decide(bob)).toMatchObject({ kind: 'decided', resultId: id });
    expect(await nameOf(id)).toBe('after');
    expect(await actionsOn(`proposals/${proposed.proposal.id}`)).toEqual([
      'proposal.accepted',
      'proposal.made',
    ]);
    for (const who of [boss, ann, bob, own]) await revoke(who);
  });

  test('M6: a stale proposal is refused, and can still be rejected or withdrawn', async () => {
    const desk = deskOn(db);
    const id = await client();
    const [ann, bob] = [await token('ann', 'ADMIN_TOKEN'), await token('bob', 'ADMIN_TOKEN')];
    const proposed = await desk.submit(ask(id), ann);
    if (proposed.kind !== 'proposed') throw new Error(proposed.kind);
    await adminStore(db).patchClient(id, { name: 'renamed meanwhile' }, ADMIN);
    const { id: proposalId } = proposed.proposal;
    const decided = await desk.decide(proposalId, 'accepted', 'agreed', bob);
    expect(decided).toEqual({ kind: 'not_decidable', refusal: { kind: 'stale' } });
    expect(await desk.decide(proposalId, 'withdrawn', 'late', bob)).toMatchObject({ kind: 'not_decidable' });
    expect(await desk.decide(proposalId, 'withdrawn', 'late', ann)).toMatchObject({ kind: 'decided' });
    expect(await nameOf(id)).toBe('renamed meanwhile');
    for (const who of [ann, bob]) await revoke(who);
  });

  test('M6: of two deciders at once, one wins', async () => {
    const id = await client();
    const names = ['ann', 'bob', 'cat'];
    const [ann, bob, cat] = await Promise.all(names.map((name) => token(name, 'ADMIN_TOKEN')));
    const proposed = await deskOn(db).submit(ask(id), ann!);
    if (proposed.kind !== 'proposed') throw new Error(proposed.kind);
    const other = (await empty.another()).db;
    const outcomes = await Promise.all([
      deskOn(db).decide(proposed.proposal.id, 'accepted', 'agreed', bob!),
      deskOn(other).decide(proposed.proposal.id, 'accepted', 'agreed too', cat!),
    ]);
    expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(['decided', 'not_decidable']);
    expect(await actionsOn(`clients/${id}`)).toEqual(['client.renamed', 'client.created']);
    for (const who of [ann, bob, cat]) await revoke(who!);
  });

  test('a second person counts while it was seen within 90 days: by its creation, or a change that it made', async () => {
    const id = await client();
    const old = await token('old', 'ADMIN_TOKEN', NOW - 91 * DAY_MS);
    expect(await deskOn(db).submit(ask(id, 'one'), ADMIN)).toMatchObject({ kind: 'done', isAlone: true });
    const note = { id: uuidv7(), clientId: id, text: 'seen' };
    await noteStore(db).addNote(note, { actor: old.actor, atMs: NOW - 2 * DAY_MS });
    expect(await deskOn(db).submit(ask(id, 'two'), ADMIN)).toMatchObject({ kind: 'proposed' });
    await revoke(old);
  });

  test('an action without the rule is taken at once without a proposal; a refused one changes nothing', async () => {
    const id = await client();
    const desk = deskOn(db, { ...FOUR_EYES, writeOff: false });
    expect(await desk.submit(ask(id), ADMIN)).toEqual({ kind: 'done', id, isAlone: false });
    expect(await desk.submit(ask(id, ''), ADMIN)).toMatchObject({
      kind: 'refused',
      refusal: { field: 'name' },
    });
    expect(await desk.submit(ask('nobody'), ADMIN)).toMatchObject({
      kind: 'refused',
      refusal: { status: 404 },
    });
    const none = await desk.proposals({ under: `clients/${id}`, isOpen: true }, { limit: 10, after: null });
    expect(none.items).toEqual([]);
  });
});

/** Disputes, reminders, write-offs and proposals in the API and on their pages. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { addClients, issued } from '../adapters/postgres/receivable/issued.ts';
import { type ApiRig, apiRig } from './api-rig.ts';
import { signIn } from './console-rig.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-claims');
  await addClients(rig.db, 'globex');
});
afterAll(() => rig.close());

const post = (path: string, json: unknown, token?: string) =>
  rig.call('POST', path, { json, ...(token === undefined ? {} : { token }) });

test('a lone ADMIN_TOKEN writes off at once, and the audit log says so', async () => {
  const id = await issued(rig.db, 100n);
  const done = await post(`/v1/invoices/${id}/write-off`, { reason: 'insolvent' });
  expect(done.status).toBe(201);
  expect(done.json).toEqual({ entryId: expect.any(String), isAlone: true });
  const { json } = await rig.call('GET', `/v1/audit?subject=invoices/${id}`);
  expect(json.items.map(({ action }: { action: string }) => action)).toEqual([
    ...['invoice.written_off', 'proposal.alone'],
  ]);
  expect((await post(`/v1/invoices/${id}/write-off`, { reason: 'again' })).json).toMatchObject({
    ...{ status: 409, errors: [{ field: 'invoiceId' }] },
  });
});

test('disputes and reminders answer with the record, and problems name field, reason and fix', async () => {
  const id = await issued(rig.db, 100n);
  const path = `/v1/invoices/${id}/disputes`;
  const asked = { ground: 'counting', text: 'too many' };
  expect((await post(path, { ...asked, disputed: '1.01' })).json.errors).toEqual([
    expect.objectContaining({ field: 'disputed', reason: 'exceeds the payable amount' }),
  ]);
  const opened = await post(path, asked);
  expect(opened.json).toMatchObject({ ...asked, disputed: '1.00', outcome: null });
  expect((await post(path, asked)).json.code).toBe('already_disputed');
  expect((await rig.call('POST', `/v1/invoices/${id}/remind`)).json.code).toBe('dunning_rests');
  const dispute = `/v1/disputes/${opened.json.id}`;
  expect((await post(`${dispute}/answer`, { text: 'no' })).json.answer).toBe('no');
  expect((await post(`${dispute}/answer`, { text: 'no' })).json.code).toBe('dispute_answered');
  const credit = { lines: [{ line: 1, amount: '1.00' }], ground: 'court', reason: 'judgement' };
  expect((await post(`${dispute}/resolve`, { outcome: 'rejected', text: 'x', credit })).json).toMatchObject({
    errors: [{ field: 'credit' }],
  });
  const resolved = await post(`${dispute}/resolve`, { outcome: 'withdrawn', text: 'they agree' });
  expect(resolved.json).toMatchObject({ outcome: 'withdrawn', outcomeText: 'they agree' });
  expect((await post(`${dispute}/resolve`, { outcome: 'rejected', text: 'x' })).json.code).toBe(
    'dispute_resolved',
  );
  expect((await rig.call('GET', path)).json.items).toHaveLength(1);
  expect((await rig.call('POST', `/v1/invoices/${id}/remind`)).json).toMatchObject({ level: 1 });
  expect((await rig.call('GET', `/v1/invoices/${id}/dunnings`)).json.items).toHaveLength(1);
  const timeline = await rig.call('GET', `/v1/invoices/${id}/timeline`);
  const kinds = timeline.json.items.map(({ kind }: { kind: string }) => kind);
  expect(kinds).toEqual(expect.arrayContaining(['dispute_opened', 'dispute_resolved', 'reminded']));
});

test('M6: with two people, a write-off waits; its proposer is refused, and another one decides it', async () => {
  const [ann, bob] = [await rig.tokenWith('finance'), await rig.tokenWith('finance')];
  const viewer = await signIn(rig, await rig.tokenWith('viewer'));
  const [first, second] = [await signIn(rig, ann), await signIn(rig, bob)];
  const id = await issued(rig.db, 100n);
  const form = await first.get(`/invoices/${id}/claim`);
  expect(form.text).toContain('Write off what is owed');
  expect((await viewer.get(`/invoices/${id}/claim`)).text).not.toContain('Write off what is owed');
  const sent = await first.post(`/invoices/${id}/claim`, { action: 'write-off', reason: 'insolvent' });
  expect(sent.location).toBe(`/invoices/${id}/claim?done=proposed`);
  const { json } = await rig.call('GET', `/v1/proposals?open=true&subject=invoices/${id}`);
  const [proposal] = json.items;
  expect(proposal).toMatchObject({ kind: 'write_off', reason: 'insolvent', decision: null });
  expect((await viewer.get('/proposals')).text).toContain(`/proposals/${proposal.id}`);

  const decide = (token: string | undefined, decision: string) =>
    post(`/v1/proposals/${proposal.id}/decide`, { decision, reason: 'agreed' }, token);
  expect((await decide(ann, 'accepted')).json).toMatchObject({ status: 403, code: 'second_person_required' });
  expect((await decide(undefined, 'accepted')).json.code).toBe('second_person_required');
  expect((await rig.call('POST', `/v1/invoices/${id}/remind`, { token: bob })).json.code).toBe(
    'dunning_rests',
  );
  expect((await first.get(`/proposals/${proposal.id}`)).text).toContain('Withdraw');
  const page = await second.post(`/proposals/${proposal.id}`, { decision: 'accepted', reason: 'agreed' });
  expect(page.location).toBe(`/proposals/${proposal.id}?done=accepted`);
  expect((await decide(bob, 'rejected')).json.code).toBe('proposal_decided');
  expect((await rig.call('GET', `/v1/proposals/${proposal.id}`)).json.decision).toBe('accepted');
  const timeline = await rig.call('GET', `/v1/invoices/${id}/timeline`);
  const kinds = timeline.json.items.map(({ kind }: { kind: string }) => kind);
  expect(kinds).toEqual(expect.arrayContaining(['proposal_made', 'written_off']));
});

test('a form that is refused shows the problem beside its fields', async () => {
  const visitor = await signIn(rig);
  const id = await issued(rig.db, 100n);
  const refused = await visitor.post(`/invoices/${id}/claim`, {
    ...{ action: 'credit', line: '7', amount: '1.00', ground: 'goodwill', reason: 'x' },
  });
  expect(refused.status).toBe(409);
  expect(refused.text).toContain('does not exist on the invoice');
});

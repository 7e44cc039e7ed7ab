import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApiRig, apiRig } from './api-rig.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER_SECRET = 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-rights-events');
});
beforeEach(() => {
  rig.rightsWebhookSecret = SECRET;
});
afterAll(() => rig.close());

let lastId = 0;
const newId = () => `msg_${++lastId}`;
const deleted = (name: string, atMs = Date.now()) => ({
  type: 'post.deleted',
  timestamp: new Date(atMs).toISOString(),
  data: { name },
});
interface Sending {
  readonly id?: string;
  readonly secret?: string;
  readonly sentAtMs?: number;
  readonly signedBody?: string;
}
function send(
  event: unknown,
  { id = newId(), secret = SECRET, sentAtMs = Date.now(), signedBody }: Sending = {},
) {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(sentAtMs / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, new Date(sentAtMs), signedBody ?? body),
  };
  return rig.call('POST', '/rights/events', { token: null, body, headers });
}
const subjectOf = async (name: string) =>
  (await rig.call('GET', `/v1/rights/subjects?name=${name}`)).json.items[0];

describe('the webhook of the platform', () => {
  it('stores the settings of an event under the source webhook, with the id of the webhook', async () => {
    const answer = await send(deleted('e1'), { id: 'msg_e1' });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ stored: 1, repeated: 0 });
    const subject = await subjectOf('e1');
    expect(subject).toMatchObject({ kind: 'post', scope: '', on: ['deleted'] });
    const { items } = (await rig.call('GET', `/v1/rights/subjects/${subject.id}/settings`)).json;
    expect(items).toMatchObject([
      { state: 'deleted', value: 'on', source: 'webhook', ref: 'msg_e1', actor: 'RIGHTS_WEBHOOK_SECRET' },
    ]);
  });

  it('takes a repeat once, and refuses another event with the same id', async () => {
    const event = deleted('e2');
    const first = await send(event, { id: 'msg_e2' });
    const repeat = await send(event, { id: 'msg_e2', sentAtMs: Date.now() - 60_000 });
    expect([repeat.status, repeat.json]).toEqual([200, first.json]);
    const other = await send(deleted('e2-other'), { id: 'msg_e2' });
    expect([other.status, other.json.code]).toEqual([409, 'idempotency_key_reused']);
    expect(await subjectOf('e2-other')).toBeUndefined();
  });

  it('has the same states in whichever order a deletion and its reversal arrive', async () => {
    const nowMs = Date.now();
    const restored = (name: string) => ({ ...deleted(name, nowMs), type: 'post.restored' });
    for (const [name, events] of [
      ['e3', [deleted('e3', nowMs - 1_000), restored('e3')]],
      ['e4', [restored('e4'), deleted('e4', nowMs - 1_000)]],
    ] as const) {
      for (const event of events) expect((await send(event)).status).toBe(200);
      expect(await subjectOf(name)).toMatchObject({ on: [] });
    }
  });

  it('reads compliance objects of X, and accepts events that concern no state', async () => {
    const about = { status: { id_str: '601430178305220608' }, timestamp_ms: String(Date.now()) };
    expect((await send({ delete: about })).json).toMatchObject({ stored: 1 });
    expect(await subjectOf('601430178305220608')).toMatchObject({ on: ['deleted'] });
    for (const event of [{ scrub_geo: {} }, { ...deleted('e5'), type: 'post.edited' }]) {
      const answer = await send(event);
      expect([answer.status, answer.json.stored]).toEqual([200, 0]);
    }
    expect(await subjectOf('e5')).toBeUndefined();
  });

  it.each<[what: string, sending: Sending]>([
    ['by another secret', { secret: OTHER_SECRET }],
    ['of another body', { signedBody: '{}' }],
    ['six minutes old', { sentAtMs: Date.now() - 360_000 }],
    ['six minutes ahead', { sentAtMs: Date.now() + 360_000 }],
  ])('refuses a signature %s with 401, and changes nothing', async (_, sending) => {
    const answer = await send(deleted('e6'), sending);
    expect([answer.status, answer.json.code]).toEqual([401, 'signature_invalid']);
    expect(await subjectOf('e6')).toBeUndefined();
  });

  it('refuses a request without a signature, even with a token', async () => {
    const answer = await rig.call('POST', '/rights/events', { json: deleted('e7') });
    expect([answer.status, answer.json.code]).toEqual([401, 'signature_invalid']);
    expect(await subjectOf('e7')).toBeUndefined();
  });

  it('names the field and the types of an unknown event with 422', async () => {
    const answer = await send({ ...deleted('e8'), type: 'post.created' });
    expect([answer.status, answer.json.code]).toEqual([422, 'unknown_event']);
    expect(answer.json.errors).toMatchObject([
      { field: 'type', pointer: '/type', hint: expect.stringContaining('post.deleted, post.restored') },
    ]);
  });

  it('names the fault of an event with 400, and refuses malformed JSON and long ids', async () => {
    const answer = await send({ ...deleted('e9'), data: {} });
    expect([answer.status, answer.json.errors[0].field]).toEqual([400, 'data.name']);
    expect((await send('{')).json.code).toBe('invalid_json');
    const long = await send(deleted('e9'), { id: 'x'.repeat(201) });
    expect([long.status, long.json.errors[0].field]).toEqual([400, 'webhook-id']);
    expect(await subjectOf('e9')).toBeUndefined();
  });

  it('takes at most 256 KiB', async () => {
    const answer = await send({ ...deleted('e10'), more: 'x'.repeat(256 * 1024) });
    expect([answer.status, answer.json.code]).toEqual([413, 'body_too_large']);
  });

  it('answers 404 without RIGHTS_WEBHOOK_SECRET', async () => {
    rig.rightsWebhookSecret = undefined;
    const answer = await send(deleted('e11'));
    expect(answer.status).toBe(404);
    expect(answer.json.detail).toContain('RIGHTS_WEBHOOK_SECRET');
  });
});

import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { sha256Hex } from '../../../src/adapters/crypto/sha256-hex.ts';
import { directoryFromText, directoryToText } from '../../../src/adapters/durable-object/directory-text.ts';
import { auditStore } from '../../../src/adapters/postgres/admin/audit.ts';
import { ledgerDirectorySource } from '../../../src/adapters/postgres/directory-source.ts';
import { policyVersionStore } from '../../../src/adapters/postgres/rights/policies.ts';
import { rightsPolicies } from '../../../src/adapters/postgres/rights/tables.ts';
import { canonicalPolicy } from '../../../src/terms/canonical-policy.ts';
import type { NewPolicyVersion } from '../../../src/terms/port.ts';
import { policy } from '../../terms/policies.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from './empty-ledger.ts';

const DAY_MS = 86_400_000;

function newVersion(validFromMs: number, reason: string): NewPolicyVersion {
  return { policy: policy(), validFromMs, createdAtMs: 0, createdBy: 'test', reason };
}

describe.each(LEDGER_KINDS)('policies in %s', (kind) => {
  let made: EmptyLedger;
  beforeAll(async () => {
    made = await emptyLedger(kind, 'policies');
  });
  afterAll(() => made.drop());

  test('are numbered without gaps, audited, final, and reach the directory', async () => {
    const { db } = made.ledger;
    const nowMs = Date.now();
    const heard = new EventEmitter();
    const source = ledgerDirectorySource(made.ledger);
    onTestFinished(await source.watch(() => heard.emit('changed')));
    const changed = once(heard, 'changed');
    const store = policyVersionStore((await made.another()).db);
    const starts = [nowMs - 9 * DAY_MS, nowMs - 5 * DAY_MS, nowMs - 1_000, nowMs + DAY_MS];
    await Promise.all(starts.map((startMs) => store.addPolicyVersion(newVersion(startMs, String(startMs)))));
    await changed;

    const stored = await store.policyVersions({ limit: 10, below: null });
    expect(stored.map(({ version }) => version)).toEqual([4, 3, 2, 1]);
    expect(new Set(stored.map(({ reason }) => Number(reason)))).toEqual(new Set(starts));
    expect(await store.policyVersions({ limit: 1, below: 3 })).toEqual([await store.policyVersion(2)]);
    expect(await store.policyVersion(5)).toBeNull();
    expect(stored[0]?.sha256).toBe(sha256Hex(canonicalPolicy(policy())));
    expect((await store.policyInForce(nowMs))?.validFromMs).toBe(nowMs - 1_000);
    expect(await store.policyInForce(nowMs - 10 * DAY_MS)).toBeNull();

    const audited = await auditStore(db).audit(
      { action: 'published_policy.added' },
      { limit: 9, after: null },
    );
    expect(audited.items.map(({ after }) => (after as { version: number }).version)).toEqual([4, 3, 2, 1]);
    await expect(db.update(rightsPolicies).set({ reason: 'other' }).execute()).rejects.toThrow();
    await expect(db.delete(rightsPolicies).execute()).rejects.toThrow();

    const snapshot = await source.load();
    const kept = snapshot.policyVersions.map(({ validFromMs }) => validFromMs);
    expect(kept.toSorted((a, b) => a - b)).toEqual(starts.slice(1));
    expect(directoryFromText(directoryToText(snapshot)).policyVersions).toEqual(
      snapshot.policyVersions.toSorted((a, b) => a.version - b.version),
    );
  });
});

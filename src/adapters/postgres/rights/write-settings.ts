/**
 * Writes settings to the ledger, with the states that follow from them. One lock makes the sequences commit in order, so
 * that a reader of what follows the last one misses nothing.
 */

import { and, count, eq, lt, max, sql } from 'drizzle-orm';
import type { Actor } from '../../../admin/port.ts';
import type { RightsCall, WriteSettingsResult, WrittenSettings } from '../../../admin/rights/port.ts';
import { type AppendedSubject, appendSettings } from '../../../rights/intake/append.ts';
import type { NewSetting, StoredSetting } from '../../../rights/setting.ts';
import { subjectText } from '../../../rights/subject.ts';
import { writeAudit } from '../admin/audit.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { storedSettingOf } from './rows.ts';
import { rightsCalls, rightsSettings, rightsSources, rightsSubjects } from './tables.ts';

/** How long the result of a call with a key is kept. */
const KEEP_CALLS_MS = 7 * 24 * 3_600_000;

/** Rolls the transaction back. */
class TooManySubjects extends Error {
  override readonly name = 'TooManySubjects';
}

export async function writeSettings(
  db: LedgerDb,
  call: RightsCall,
  who: Actor,
  maxSubjects: number,
): Promise<WriteSettingsResult> {
  try {
    return await db.transaction(
      async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(hashtext('postmeter:rights'))`);
        const before = await earlierCall(tx, call, who);
        if (before !== null) return before;
        const { added, written } = await planned(tx, call, who.atMs);
        if (added.length > 0) await store(tx, added, call, who, maxSubjects);
        await rememberCall(tx, call, who, written);
        return { kind: 'written', ...written };
      },
      { isolationLevel: 'read committed' },
    );
  } catch (error) {
    if (error instanceof TooManySubjects) return { kind: 'too_many_subjects', maxSubjects };
    throw error;
  }
}

/** What `writeSettings` would store now. */
export async function previewSettings(db: LedgerDb, call: RightsCall, who: Actor): Promise<WrittenSettings> {
  return (await planned(db, call, who.atMs)).written;
}

async function planned(
  tx: LedgerDb,
  { settings, sourceId }: RightsCall,
  nowMs: number,
): Promise<{ added: AppendedSubject[]; written: WrittenSettings }> {
  const [last] = await tx.select({ sequence: max(rightsSettings.sequence) }).from(rightsSettings);
  const lastSequence = last?.sequence ?? 0;
  const stored = await storedSettings(tx, settings);
  const storedOf = (text: string) => stored.get(text) ?? [];
  const added = appendSettings(settings, { sourceId, lastSequence, nowMs, storedOf });
  const count = added.reduce((sum, subject) => sum + subject.settings.length, 0);
  const written = {
    stored: count,
    repeated: settings.length - count,
    sequence: lastSequence + count,
  };
  return { added, written };
}

/** The settings that the ledger has of the subjects, by `subjectText`. */
async function storedSettings(
  tx: LedgerDb,
  settings: readonly NewSetting[],
): Promise<ReadonlyMap<string, readonly StoredSetting[]>> {
  const subjects = new Map(settings.map(({ subject }) => [subjectText(subject), subject]));
  const wanted = [...subjects].map(([text, subject]) => ({ text, ...subject }));
  const rows = await rowsOf(
    tx,
    sql`
    select wanted.text, sequence, source_id, state, value, extract(epoch from effective_at) * 1000 as effective_ms
    from json_to_recordset(${JSON.stringify(wanted)}::json) as wanted (text text, kind text, scope text, name text)
    join rights_subjects using (kind, scope, name)
    join rights_settings on subject_id = rights_subjects.id`,
  );
  const found = new Map<string, StoredSetting[]>();
  for (const row of rows) {
    const text = String(row.text);
    const before = found.get(text);
    if (before === undefined) found.set(text, [storedSettingOf(row)]);
    else before.push(storedSettingOf(row));
  }
  return found;
}

async function store(
  tx: LedgerDb,
  added: readonly AppendedSubject[],
  { sourceId, reason }: RightsCall,
  who: Actor,
  maxSubjects: number,
): Promise<void> {
  const at = new Date(who.atMs);
  await tx.insert(rightsSources).values({ id: sourceId, createdAt: at }).onConflictDoNothing();
  const ids = await subjectIds(tx, added, maxSubjects);
  const settings = added.flatMap((subject, index) =>
    subject.settings.map((setting) => ({ ...setting, subjectId: ids[index] })),
  );
  await tx.execute(sql`
    insert into rights_settings
      (sequence, subject_id, state, value, effective_at, received_at, source_id, source_ref, actor, reason)
    select sequence, "subjectId", state, value, to_timestamp("effectiveAtMs" / 1000.0), ${at.toISOString()}::timestamptz,
      ${sourceId}::text, ref, ${who.actor}::text, ${reason}::text
    from json_to_recordset(${JSON.stringify(settings)}::json) as added (
      sequence bigint, "subjectId" bigint, state text, value text, "effectiveAtMs" bigint, ref text)
    order by sequence`);
  const current = added.map((subject, index) => ({
    id: ids[index],
    ...subject.states,
    sequence: subject.settings.at(-1)!.sequence,
  }));
  await tx.execute(sql`
    insert into rights_current (subject_id, on_states, off_states, sequence, changed_at)
    select id, "on", "off", sequence, ${at.toISOString()}::timestamptz
    from json_to_recordset(${JSON.stringify(current)}::json) as states (
      id bigint, "on" integer, "off" integer, sequence bigint)
    on conflict (subject_id) do update set on_states = excluded.on_states, off_states = excluded.off_states,
      sequence = excluded.sequence, changed_at = excluded.changed_at`);
  const [first, last] = [settings[0]!.sequence, settings.at(-1)!.sequence];
  await writeAudit(tx, who, {
    action: 'rights.stated',
    subject: `rights/sources/${sourceId}`,
    reason,
    after: { settings: settings.length, sequences: [first, last] },
  });
}

/** The ids of the subjects, which are created if they are missing. Throws `TooManySubjects`. */
async function subjectIds(
  tx: LedgerDb,
  added: readonly AppendedSubject[],
  maxSubjects: number,
): Promise<number[]> {
  const wanted = sql`json_to_recordset(${JSON.stringify(added.map(({ subject }, at) => ({ at, ...subject })))}::json)
    as wanted (at integer, kind text, scope text, name text)`;
  const created = await rowsOf(
    tx,
    sql`
    insert into rights_subjects (kind, scope, name)
    select kind, scope, name from ${wanted}
    where not exists (
      select from rights_subjects known
      where known.kind = wanted.kind and known.scope = wanted.scope and known.name = wanted.name)
    order by at
    returning id`,
  );
  if (created.length > 0) await demandRoom(tx, maxSubjects);
  const rows = await rowsOf(
    tx,
    sql`select rights_subjects.id from ${wanted} join rights_subjects using (kind, scope, name) order by at`,
  );
  return rows.map(({ id }) => Number(id));
}

/** Ids are given in order, so there are at most as many subjects as the last id. Counting them takes longer. */
async function demandRoom(tx: LedgerDb, maxSubjects: number): Promise<void> {
  const [last] = await tx.select({ id: max(rightsSubjects.id) }).from(rightsSubjects);
  if ((last?.id ?? 0) <= maxSubjects) return;
  const [all] = await tx.select({ subjects: count() }).from(rightsSubjects);
  if (all!.subjects > maxSubjects) throw new TooManySubjects();
}

async function earlierCall(
  tx: LedgerDb,
  { once }: RightsCall,
  { actor }: Actor,
): Promise<WriteSettingsResult | null> {
  if (once === null) return null;
  const [row] = await tx
    .select()
    .from(rightsCalls)
    .where(and(eq(rightsCalls.actor, actor), eq(rightsCalls.key, once.key)));
  if (row === undefined) return null;
  if (row.digest !== once.digest) return { kind: 'key_reused' };
  return { kind: 'written', ...row.result };
}

async function rememberCall(
  tx: LedgerDb,
  { once }: RightsCall,
  { actor, atMs }: Actor,
  result: WrittenSettings,
): Promise<void> {
  if (once === null) return;
  await tx.delete(rightsCalls).where(lt(rightsCalls.at, new Date(atMs - KEEP_CALLS_MS)));
  await tx.insert(rightsCalls).values({ actor, ...once, result, at: new Date(atMs) });
}

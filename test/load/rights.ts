/**
 * Measures the registry of rights: the table of 10 million subjects in memory, reading a registry from PostgreSQL at
 * startup, and the time from a write to its use in four processes. `SUBJECTS=N` sets the size of the table, `STORED=N`
 * that of the ledger, `RATE=N` the settings a second.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { sha256OfText } from '../../src/adapters/crypto/sha256.ts';
import { systemTiming } from '../../src/adapters/node/timing.ts';
import { migratePostgres } from '../../src/adapters/postgres/connection/migrate.ts';
import { openPostgres, type PostgresLedger } from '../../src/adapters/postgres/connection/open.ts';
import { postgresRights } from '../../src/adapters/postgres/rights/books.ts';
import { ledgerRightsSource } from '../../src/adapters/postgres/rights/source.ts';
import { followRights } from '../../src/entry/stores/rights-follower.ts';
import { subjectOf } from '../../src/rights/subject.ts';
import { SubjectTable } from '../../src/rights/subject-table.ts';
import { startPostgres } from '../support/services/postgres.ts';

const SUBJECTS = Number(process.env.SUBJECTS ?? 10_000_000);
const STORED = Number(process.env.STORED ?? 1_000_000);
const RATE = Number(process.env.RATE ?? 3_000);
const SECONDS = 20;
const PROCESSES = 4;
const PAGE = 20;
const MAX_SUBJECTS = 10_000_000;
/** Names of the subjects of the last part end with the time of their write. */
const TIMED = /^at-\d+-(\d+)$/;

const log = pino({ level: 'silent' });
const post = (name: string | number) => subjectOf('post', '', String(name));
const say = (step: string, facts: object) => process.stdout.write(`${JSON.stringify({ step, ...facts })}\n`);
const since = (fromMs: number) => Math.round(performance.now() - fromMs);
/** CPU time of this process so far, in microseconds: stable on a busy machine. */
const cpuUs = () => process.cpuUsage().user + process.cpuUsage().system;

function measureTable(): void {
  const table = new SubjectTable(SUBJECTS, sha256OfText);
  const startUs = cpuUs();
  let longestMs = 0;
  for (let id = 0; id < SUBJECTS; id++) {
    const fromMs = performance.now();
    table.set(post(id), { on: 0x100, off: 0 });
    longestMs = Math.max(longestMs, performance.now() - fromMs);
  }
  say('table', {
    subjects: table.size,
    buildCpuMs: Math.round((cpuUs() - startUs) / 1000),
    longestSetMs: Number(longestMs.toFixed(2)),
    bytesEach: Number((table.bytes / table.size).toFixed(1)),
    megabytes: Math.round(table.bytes / 1e6),
  });
  for (const [what, first] of [
    ['known', 0],
    ['unknown', SUBJECTS],
  ] as const) {
    const pages = 20_000;
    const fromUs = cpuUs();
    let found = 0;
    for (let page = 0; page < pages; page++) {
      const at = first + ((page * 7_919) % (SUBJECTS / 2));
      for (let item = 0; item < PAGE; item++) found += table.get(post(at + item)).on === 0 ? 0 : 1;
    }
    const cpuMicroseconds = Number(((cpuUs() - fromUs) / pages).toFixed(1));
    say('page of 20', { subjects: what, cpuMicroseconds, found: found / pages });
  }
}

async function fill({ sql }: PostgresLedger): Promise<void> {
  await sql.unsafe(`insert into rights_sources (id, created_at) values ('load', now())`);
  await sql.unsafe(
    `insert into rights_subjects (kind, scope, name) select 'post', '', n::text from generate_series(1, ${STORED}) as n`,
  );
  await sql.unsafe(`
    insert into rights_settings
      (sequence, subject_id, state, value, effective_at, received_at, source_id, actor, reason)
    select id, id, 'no_training', 'on', now(), now(), 'load', 'load', 'load' from rights_subjects`);
  await sql.unsafe(`
    insert into rights_current (subject_id, on_states, off_states, sequence, changed_at)
    select id, 256, 0, id, now() from rights_subjects`);
  await sql.unsafe('analyze');
}

async function measureStart(ledger: PostgresLedger): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const fromMs = performance.now();
  const rights = await followRights({
    source: ledgerRightsSource(ledger),
    maxSubjects: MAX_SUBJECTS,
    timing: systemTiming,
    log,
  });
  while (rights.lookup.asOf === null) await sleep(10);
  say('start', {
    subjects: rights.figures.subjects(),
    readMs: since(fromMs),
    loopDelayP99Ms: Number((delay.percentile(99) / 1e6).toFixed(1)),
    loopDelayMaxMs: Number((delay.max / 1e6).toFixed(1)),
  });
  await rights.stop();
}

async function measurePropagation(url: string, ledger: PostgresLedger): Promise<void> {
  const children = Array.from({ length: PROCESSES }, () =>
    fork(import.meta.filename, ['follow', url], { execArgv: ['--import', 'tsx'] }),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  const books = postgresRights(ledger.db, MAX_SUBJECTS);
  const perCall = Math.round(RATE / 10);
  const startMs = Date.now();
  let written = 0;
  for (let call = 0; call < SECONDS * 10; call++) {
    const aheadMs = startMs + call * 100 - Date.now();
    if (aheadMs > 0) await sleep(aheadMs);
    const atMs = Date.now();
    const settings = Array.from({ length: perCall }, () => ({
      subject: post(`at-${written++}-${atMs}`),
      ...({ state: 'deleted', value: 'on', effectiveAtMs: null, ref: null } as const),
    }));
    await books.write({ settings, sourceId: 'live', reason: 'load', once: null }, { actor: 'load', atMs });
  }
  const tookS = (Date.now() - startMs) / 1000;
  say('writes', { settings: written, aSecond: Math.round(written / tookS) });
  await sleep(3_000);
  for (const child of children) {
    child.send('report');
    const [figures] = await once(child, 'message');
    say('propagation', figures as object);
    child.disconnect();
  }
}

/** A process that follows the registry, and reports how old each change was when it came into use. */
async function follow(url: string): Promise<void> {
  const ledger = await openPostgres(url);
  const source = ledgerRightsSource(ledger);
  const agesMs: number[] = [];
  const rights = await followRights({
    source: {
      watch: source.watch,
      async changesAfter(sequence, limit) {
        const page = await source.changesAfter(sequence, limit);
        const nowMs = Date.now();
        for (const { subject } of page.changes) {
          const [, atMs] = TIMED.exec(subject.name) ?? [];
          if (atMs !== undefined) agesMs.push(nowMs - Number(atMs));
        }
        return page;
      },
    },
    maxSubjects: MAX_SUBJECTS,
    timing: systemTiming,
    log,
  });
  while (rights.lookup.asOf === null) await sleep(10);
  process.send!('ready');
  await once(process, 'message');
  agesMs.sort((a, b) => a - b);
  const at = (part: number) => agesMs[Math.floor((agesMs.length - 1) * part)];
  process.send!({ changes: agesMs.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) });
  await rights.stop();
  await ledger.close();
}

async function main(): Promise<void> {
  if (process.argv[2] === 'follow') return follow(process.argv[3]!);
  measureTable();
  const server = await startPostgres();
  await migratePostgres(server.url);
  const ledger = await openPostgres(server.url, { statementTimeoutMs: 0 });
  const fromMs = performance.now();
  await fill(ledger);
  say('ledger', { subjects: STORED, fillMs: since(fromMs) });
  await measureStart(ledger);
  await measurePropagation(server.url, ledger);
  await ledger.close();
  await server.stop();
}

await main();

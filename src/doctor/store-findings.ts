/** Judges the stores: the ledger with its clock, and the windows. */

import type { DatabaseFacts, DoctorFacts, RedisFacts } from './facts.ts';
import { type DoctorFinding, judged, ok, type Severity } from './finding.ts';

const MIN_POSTGRES = 15;
const MIN_REDIS = 7;
/** A batch costs the ledger a few round trips, and a second must be enough for several of them. */
const SLOW_MS = 20;

export function ledgerFindings({ database, config }: DoctorFacts): readonly DoctorFinding[] {
  if (database === null) {
    const text = 'embedded, for one process, without backups, and without forced writes';
    return [{ subject: 'ledger', severity: 'warning', text, hint: 'set DATABASE_URL for production' }];
  }
  const hint = 'check DATABASE_URL, and that the server runs and accepts this login';
  return judged(database, 'ledger', hint, (facts) => databaseFindings(facts, config));
}

function databaseFindings(facts: DatabaseFacts, config: DoctorFacts['config']): DoctorFinding[] {
  const found: DoctorFinding[] = [];
  const add = (severity: Severity, text: string, hint: string) =>
    found.push({ subject: 'ledger', severity, text, hint });
  const major = Math.floor(facts.version / 10_000);
  const { missingMigrations, roundTripMs } = facts;
  if (major < MIN_POSTGRES) add('fault', `PostgreSQL ${major}`, `upgrade to ${MIN_POSTGRES} or later`);
  if (facts.isReplica) add('fault', 'the server is a read-only replica', 'name the primary in DATABASE_URL');
  if (!facts.canCreate && missingMigrations > 0)
    add(
      'fault',
      'the role may not create tables',
      'grant CREATE on the schema public, or migrate as the owner',
    );
  else if (missingMigrations > 0)
    add(
      'warning',
      `${missingMigrations} migrations are missing`,
      '`postmeter migrate` or the next start applies them',
    );
  if (!facts.fsync) add('fault', 'fsync is off: a power failure may destroy the ledger', 'set fsync = on');
  if (!facts.synchronousCommit)
    add('warning', 'synchronous_commit is off: the last seconds may be lost', 'set synchronous_commit = on');
  if (roundTripMs > SLOW_MS)
    add('warning', `a round trip takes ${roundTripMs.toFixed(0)} ms`, 'place the ledger near the gateway');
  const clock = clockFinding(facts.skewMs, config);
  return found.length === 0
    ? [ok('ledger', `PostgreSQL ${major}, ${roundTripMs.toFixed(1)} ms`), clock]
    : [...found, clock];
}

/** Half of the allowed skew is a warning, because the rest may be gone tomorrow. */
function clockFinding(skewMs: number, config: DoctorFacts['config']): DoctorFinding {
  const maxMs = ('maxSkewSeconds' in config ? config.maxSkewSeconds : 60) * 1000;
  const seconds = (Math.abs(skewMs) / 1000).toFixed(1);
  const text = `${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} the ledger`;
  if (Math.abs(skewMs) < maxMs / 2) return ok('clock', text);
  const severity = Math.abs(skewMs) < maxMs ? 'warning' : 'fault';
  return { subject: 'clock', severity, text, hint: 'synchronise the clocks of both machines (NTP)' };
}

export function windowFindings(redis: DoctorFacts['redis']): readonly DoctorFinding[] {
  if (redis === null) {
    const text = 'in this process: several processes would not share the totals of clients';
    return [{ subject: 'windows', severity: 'warning', text, hint: 'set REDIS_URL for several processes' }];
  }
  return judged(
    redis,
    'windows',
    'check REDIS_URL, and that Redis runs and accepts this login',
    redisFindings,
  );
}

function redisFindings({ version, mayEvict, roundTripMs }: RedisFacts): DoctorFinding[] {
  const subject = 'windows';
  const found: DoctorFinding[] = [];
  if (Number.parseInt(version, 10) < MIN_REDIS) {
    found.push({
      subject,
      severity: 'fault',
      text: `Redis ${version}`,
      hint: `upgrade to ${MIN_REDIS} or later`,
    });
  }
  if (mayEvict) {
    const text = 'Redis may evict keys, so totals would be too small until they are rebuilt';
    found.push({ subject, severity: 'warning', text, hint: 'set maxmemory-policy noeviction' });
  }
  if (roundTripMs > SLOW_MS) {
    const text = `a round trip takes ${roundTripMs.toFixed(0)} ms`;
    found.push({ subject, severity: 'warning', text, hint: 'place Redis near the gateway' });
  }
  return found.length > 0 ? found : [ok(subject, `Redis ${version}, ${roundTripMs.toFixed(1)} ms`)];
}

import { describe, expect, test } from 'vitest';
import type { DoctorFacts } from '../../src/doctor/facts.ts';
import { doctorFindings, hasFault } from '../../src/doctor/findings.ts';

const config = {
  routes: 1,
  lacksRoutes: false,
  maxConnections: 1_000,
  upstreamConnections: 200,
  journalMaxBytes: 4e9,
  maxSkewSeconds: 60,
};
const database = {
  version: 170_004,
  missingMigrations: 0,
  canCreate: true,
  isReplica: false,
  fsync: true,
  synchronousCommit: true,
  roundTripMs: 0.4,
  skewMs: -120,
};
const redis = { version: '7.2.4', mayEvict: false, roundTripMs: 0.2 };
const disk = { folder: './data', isWritable: true, freeBytes: 80e9, isNetwork: false };
const GOOD: DoctorFacts = {
  node: '24.11.0',
  hasAdminToken: true,
  hasSecret: true,
  config,
  database,
  redis,
  platform: { url: 'http://platform', status: 404, roundTripMs: 3 },
  disk,
  maxFiles: 65_536,
};

test('a machine with everything in order has nothing to do', () => {
  const findings = doctorFindings(GOOD);
  expect(findings.map(({ subject, severity, text }) => `${subject}: ${severity}: ${text}`)).toEqual([
    'Node.js: ok: version 24.11.0',
    'secrets: ok: are set',
    'configuration: ok: 1 route',
    'ledger: ok: PostgreSQL 17, 0.4 ms',
    'clock: ok: 0.1 s behind the ledger',
    'windows: ok: Redis 7.2.4, 0.2 ms',
    'platform: ok: http://platform answers 404 in 3 ms',
    'data folder: ok: ./data, 80.0 GB free',
    'open files: ok: 65536 allowed, 1264 needed',
  ]);
  expect(findings.every(({ hint }) => hint === null)).toBe(true);
  expect(hasFault(findings)).toBe(false);
});

const away = { failure: 'connect ECONNREFUSED' };
const cases: readonly [what: string, facts: Partial<DoctorFacts>, found: string][] = [
  ['an old Node', { node: '20.17.1' }, 'Node.js: fault'],
  ['an unsupported Node', { node: '20.18.0' }, 'Node.js: warning'],
  ['no ADMIN_TOKEN', { hasAdminToken: false }, 'ADMIN_TOKEN: warning'],
  ['no secret', { hasSecret: false }, 'POSTMETER_SECRET: warning'],
  ['a configuration with faults', { config: { failure: 'routes[0]: is wrong' } }, 'configuration: fault'],
  ['no routes', { config: { ...config, routes: 0 } }, 'configuration: warning'],
  [
    'neither platform nor routes',
    { config: { ...config, routes: 0, lacksRoutes: true } },
    'configuration: fault',
  ],
  ['an embedded ledger', { database: null }, 'ledger: warning'],
  ['no database', { database: away }, 'ledger: fault'],
  ['an old PostgreSQL', { database: { ...database, version: 140_010 } }, 'ledger: fault'],
  ['a replica', { database: { ...database, isReplica: true } }, 'ledger: fault'],
  [
    'no right to migrate',
    { database: { ...database, canCreate: false, missingMigrations: 2 } },
    'ledger: fault',
  ],
  ['an old ledger', { database: { ...database, missingMigrations: 2 } }, 'ledger: warning'],
  ['fsync off', { database: { ...database, fsync: false } }, 'ledger: fault'],
  ['asynchronous commits', { database: { ...database, synchronousCommit: false } }, 'ledger: warning'],
  ['a distant ledger', { database: { ...database, roundTripMs: 21 } }, 'ledger: warning'],
  ['a clock half-way off', { database: { ...database, skewMs: 30_000 } }, 'clock: warning'],
  ['a wrong clock', { database: { ...database, skewMs: -60_000 } }, 'clock: fault'],
  ['windows in the process', { redis: null }, 'windows: warning'],
  ['no Redis', { redis: away }, 'windows: fault'],
  ['an old Redis', { redis: { ...redis, version: '6.2.1' } }, 'windows: fault'],
  ['a Redis that evicts', { redis: { ...redis, mayEvict: true } }, 'windows: warning'],
  ['a distant Redis', { redis: { ...redis, roundTripMs: 25 } }, 'windows: warning'],
  ['no platform', { platform: null }, 'platform: fault'],
  ['an unreachable platform', { platform: away }, 'platform: fault'],
  ['a failing platform', { platform: { url: 'http://p', status: 502, roundTripMs: 1 } }, 'platform: warning'],
  ['a folder of another user', { disk: { ...disk, isWritable: false } }, 'data folder: fault'],
  ['a full disk', { disk: { ...disk, freeBytes: 3e9 } }, 'data folder: warning'],
  ['a network file system', { disk: { ...disk, isNetwork: true } }, 'data folder: warning'],
  ['too few open files', { maxFiles: 1_024 }, 'open files: fault'],
];

describe('one thing that is not in order is found, with a fix, and nothing else', () => {
  test.each(cases)('%s', (_what, facts, found) => {
    const findings = doctorFindings({ ...GOOD, ...facts }).filter(({ severity }) => severity !== 'ok');
    expect(findings.map(({ subject, severity }) => `${subject}: ${severity}`)).toEqual([found]);
    expect(findings[0]!.hint).toMatch(/\S/);
    expect(hasFault(findings)).toBe(found.endsWith('fault'));
  });
});

/** Judges the facts of `postmeter doctor`: what is right, what is a risk, and what prevents a start or loses usage. */

import type { ConfigFacts, DiskFacts, DoctorFacts, PlatformFacts } from './facts.ts';
import { type DoctorFinding, judged, ok } from './finding.ts';
import { ledgerFindings, windowFindings } from './store-findings.ts';

const MIN_NODE = [20, 18] as const;
/** The end of support of Node 20 was on 2026-04-30. */
const SUPPORTED_NODE = 22;
/** Descriptors for the stores, the journal and the listener. */
const OWN_FILES = 64;

/** Findings in a fixed order, at least one for each subject. */
export function doctorFindings(facts: DoctorFacts): readonly DoctorFinding[] {
  return [
    nodeFinding(facts.node),
    ...secretFindings(facts),
    ...judged(facts.config, 'configuration', 'correct the file that POSTMETER_CONFIG names', configFindings),
    ...ledgerFindings(facts),
    ...windowFindings(facts.redis),
    ...platformFindingsOf(facts.platform),
    ...judged(facts.disk, 'data folder', 'set DATA_DIR to a folder that this user may write', (disk) =>
      diskFindings(disk, facts.config),
    ),
    ...fileFindings(facts),
  ];
}

/** True if a finding is a fault. */
export function hasFault(findings: readonly DoctorFinding[]): boolean {
  return findings.some(({ severity }) => severity === 'fault');
}

function nodeFinding(version: string): DoctorFinding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const subject = 'Node.js';
  if (major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1])) {
    return {
      subject,
      severity: 'fault',
      text: `version ${version}`,
      hint: `install ${MIN_NODE.join('.')} or later`,
    };
  }
  if (major < SUPPORTED_NODE) {
    const text = `version ${version}, which gets no security updates`;
    return { subject, severity: 'warning', text, hint: 'install Node 24' };
  }
  return ok(subject, `version ${version}`);
}

function secretFindings({ hasAdminToken, hasSecret, database }: DoctorFacts): DoctorFinding[] {
  const found: DoctorFinding[] = [];
  if (!hasAdminToken) {
    found.push({
      subject: 'ADMIN_TOKEN',
      severity: 'warning',
      text: 'is not set, so only tokens of the ledger may use the admin API',
      hint: 'set it, or create a token with `postmeter token create`',
    });
  }
  if (!hasSecret && database !== null) {
    found.push({
      subject: 'POSTMETER_SECRET',
      severity: 'warning',
      text: 'is not set, so the ledger stores the key of the hashes of API keys',
      hint: 'set it before the first key is created; a later change makes every key unknown',
    });
  }
  return found.length > 0 ? found : [ok('secrets', 'are set')];
}

function configFindings({ routes, lacksRoutes }: ConfigFacts): DoctorFinding[] {
  const subject = 'configuration';
  if (routes > 0) return [ok(subject, `${routes} ${routes === 1 ? 'route' : 'routes'}`)];
  const hint = 'set "platform" or "routes"; `postmeter probe URL` proposes them';
  if (lacksRoutes)
    return [{ subject, severity: 'fault', text: 'has no routes, which prevents a start', hint }];
  return [{ subject, severity: 'warning', text: 'has no routes, so no post is counted', hint }];
}

function platformFindingsOf(platform: DoctorFacts['platform']): readonly DoctorFinding[] {
  if (platform === null) {
    const hint = 'set UPSTREAM, or upstream.url in the configuration';
    return [{ subject: 'platform', severity: 'fault', text: 'is not named', hint }];
  }
  return judged(
    platform,
    'platform',
    'check UPSTREAM, and that the platform answers from here',
    platformFindings,
  );
}

function platformFindings({ url, status, roundTripMs }: PlatformFacts): DoctorFinding[] {
  const text = `${url} answers ${status} in ${roundTripMs.toFixed(0)} ms`;
  if (status < 500) return [ok('platform', text)];
  return [{ subject: 'platform', severity: 'warning', text, hint: 'look at the log of the platform' }];
}

function diskFindings(disk: DiskFacts, config: DoctorFacts['config']): DoctorFinding[] {
  const { folder, isWritable, freeBytes, isNetwork } = disk;
  const subject = 'data folder';
  const maxBytes = 'journalMaxBytes' in config ? config.journalMaxBytes : 0;
  if (!isWritable) {
    const hint = 'give it to the user of the gateway, or set DATA_DIR to another folder';
    return [{ subject, severity: 'fault', text: `${folder} is not writable`, hint }];
  }
  const found: DoctorFinding[] = [];
  if (isNetwork) {
    const text = `${folder} is on a network file system, which may not keep locks and forced writes`;
    found.push({ subject, severity: 'warning', text, hint: 'use a local disk' });
  }
  const free = `${(freeBytes / 1e9).toFixed(1)} GB free`;
  if (freeBytes < maxBytes) {
    const text = `${folder} has ${free}, less than journal.maxBytes`;
    found.push({ subject, severity: 'warning', text, hint: 'enlarge the disk, or lower journal.maxBytes' });
  }
  return found.length > 0 ? found : [ok(subject, `${folder}, ${free}`)];
}

function fileFindings({ maxFiles, config }: DoctorFacts): DoctorFinding[] {
  if (maxFiles === null || !('maxConnections' in config)) return [];
  const needed = config.maxConnections + config.upstreamConnections + OWN_FILES;
  if (maxFiles >= needed) return [ok('open files', `${maxFiles} allowed, ${needed} needed`)];
  const text = `${maxFiles} allowed, ${needed} needed for listen.maxConnections and upstream.connections`;
  return [
    { subject: 'open files', severity: 'fault', text, hint: `ulimit -n ${needed}, or LimitNOFILE=${needed}` },
  ];
}

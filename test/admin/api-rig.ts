/** The admin API on a real socket, with its own ledger and a clock that tests can set. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { v7 as uuidv7 } from 'uuid';
import { sealerOf } from '../../src/adapters/crypto/sealer.ts';
import { nodeSecrets } from '../../src/adapters/crypto/secrets.ts';
import { memoryFailureThrottle } from '../../src/adapters/memory/failure-throttle.ts';
import { adminStore } from '../../src/adapters/postgres/admin/store.ts';
import { postgresInvoices } from '../../src/adapters/postgres/billing/ledger.ts';
import type { LedgerConnection, LedgerDb } from '../../src/adapters/postgres/connection/db.ts';
import { postgresCountingLedger } from '../../src/adapters/postgres/counting/counting-ledger.ts';
import { whatIfWork } from '../../src/adapters/postgres/whatif/work.ts';
import { createAdminApp } from '../../src/admin/app.ts';
import type { AdminApp, AdminDeps } from '../../src/admin/deps.ts';
import type { AdminStore, ReadinessCheck, Role } from '../../src/admin/port.ts';
import { mountConsole } from '../../src/console/app.tsx';
import { type AgentAccess, agentDesk } from '../../src/entry/agents/desk.ts';
import { documentDesk } from '../../src/entry/documents/desk.ts';
import { documentWorks } from '../../src/entry/documents/works.ts';
import { platformAt } from '../../src/entry/probe/platform.ts';
import { adminBooks } from '../../src/entry/stores/admin-books.ts';
import { proposalDesk } from '../../src/entry/stores/proposal-desk.ts';
import { verificationJob } from '../../src/entry/stores/verification-job.ts';
import { termsDesk } from '../../src/entry/terms/desk.ts';
import { whatIfJob } from '../../src/entry/what-ifs/job.ts';
import { catalogueOf } from '../../src/identify/asker/catalogue/catalogue.ts';
import { PublicFetchError } from '../../src/identify/public-fetch.ts';
import type { BillingRules } from '../../src/invoice/port.ts';
import type { SendMail } from '../../src/notify/port.ts';
import { FOUR_EYES } from '../../src/proposal/four-eyes.ts';
import { GatewayCounters } from '../../src/report/gateway-counters.ts';
import { CountingBatches } from '../../src/report/routes/counting-batches.ts';
import { emptyLedger, type LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { routesOf } from '../count/rules.ts';
import { jsonPress } from '../document/issued.ts';
import { AGENTS } from '../identify/ranges/agents-for-tests.ts';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON of the body, or undefined if it is not JSON. */
  readonly json: ReturnType<typeof JSON.parse>;
}

export interface Call {
  /** `null` sends no token. Default: ADMIN_TOKEN. */
  readonly token?: string | null;
  readonly json?: unknown;
  /** The raw body. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiRig {
  readonly app: AdminApp;
  readonly db: LedgerDb;
  readonly connection: LedgerConnection;
  /** The number of refreshes of the directory, and whether they fail. */
  readonly refreshed: { count: number; fails: boolean };
  readonly store: AdminStore;
  readonly url: string;
  /** Everything that was logged, as text. */
  readonly logged: string[];
  /** The counters of the gateway in the same process. */
  readonly tally: GatewayCounters;
  readonly checks: Record<string, ReadinessCheck>;
  readonly warnings: Record<string, ReadinessCheck>;
  /** Stops the clock at this time, if it is not null. */
  nowMs: number | null;
  /** How published lists and names of agents are reached; by default there is no network. */
  agentAccess: AgentAccess;
  /** The platform that is probed; null if the process knows none. */
  upstreamUrl: string | null;
  /** Undefined switches the webhook of the platform off. */
  rightsWebhookSecret: string | undefined;
  /** How documents are mailed; null: the mail server is down. */
  mail: SendMail | null;
  call(method: string, path: string, call?: Call): Promise<Answer>;
  tokenWith(...roles: Role[]): Promise<string>;
  close(): Promise<void>;
}

export const RULES: BillingRules = {
  bucketSeconds: 60,
  latenessMs: 3_600_000,
  approval: 'manual',
  fourEyes: { ...FOUR_EYES, issue: 'same' },
};
/** Few, so that a test can reach the limit. */
export const MAX_SUBJECTS = 12_000;
const ROUTES = routesOf({ path: '/posts' }, { path: '/quiet' });
export const SECRET = Buffer.from('the secret that keys the hashes');
export const ADMIN_TOKEN = 'the-token-of-the-environment';

/** @param failures number of wrong tokens that a peer may send. The default allows the many of unrelated tests. */
export async function apiRig(
  kind: (typeof LEDGER_KINDS)[number],
  name: string,
  failures = 1_000_000,
): Promise<ApiRig> {
  const empty = await emptyLedger(kind, name);
  const { db } = empty.ledger;
  const store = adminStore(db);
  const secrets = nodeSecrets(SECRET);
  const logged: string[] = [];
  const log = (level: string) => (fields: Record<string, unknown>, message: string) => {
    logged.push(`${level} ${message} ${JSON.stringify(fields)} ${String(fields.err ?? '')}`);
  };
  const checks: Record<string, ReadinessCheck> = {};
  const warnings: Record<string, ReadinessCheck> = {};
  const tally = new GatewayCounters();
  const counting = postgresCountingLedger(db);
  const counts = {
    takeRoutes: () => tally.routes.take(),
    takePaths: () => tally.paths.take(),
    takeCallers: () => [],
    takeExposure: (isEndOfHour: boolean) => tally.exposure.take(isEndOfHour),
  };
  const batches = new CountingBatches(name, counts, Date.now());
  const refreshed = { count: 0, fails: false };
  const rig: Pick<ApiRig, 'nowMs' | 'mail' | 'upstreamUrl' | 'rightsWebhookSecret' | 'agentAccess'> = {
    ...{ nowMs: null, mail: null, upstreamUrl: null, rightsWebhookSecret: undefined },
    agentAccess: {
      fetchPublic: () => Promise.reject(new PublicFetchError('unreachable', 'no network')),
      reverseDns: async () => ({ result: 'error', names: [] }),
    },
  };
  const nowMs = () => rig.nowMs ?? Date.now();
  const adminLog = { info: log('info'), warn: log('warn'), error: log('error') };
  const whatIfs = whatIfJob({ work: whatIfWork(db), rules: RULES, newId: uuidv7, nowMs, log: adminLog });
  const deps: AdminDeps = {
    ...adminBooks(db, MAX_SUBJECTS),
    store,
    billing: postgresInvoices(db, RULES),
    documents: documentDesk(
      db,
      documentWorks({
        ...{ db, nowMs, press: jsonPress(), keySecret: SECRET },
        config: { receivers: { allowPrivate: true } },
        mail: (mail) => (rig.mail === null ? Promise.reject(new Error('no mail server')) : rig.mail(mail)),
      }),
    ),
    proposals: proposalDesk(db, RULES, null),
    get rightsWebhookSecret() {
      return rig.rightsWebhookSecret;
    },
    verification: verificationJob({ db, rules: RULES, nowMs, log: adminLog }),
    get terms() {
      return termsDesk(db, rig.upstreamUrl ?? undefined, '0.0.0');
    },
    wakeWhatIfs: whatIfs.wake,
    secrets,
    catalogue: catalogueOf([]),
    metrics: {
      render: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'up 1\n' }),
    },
    counting,
    shipCounts: async () => {
      batches.gather(rig.nowMs ?? Date.now());
      for (let batch = batches.next(); batch !== null; batch = batches.next()) {
        await counting.add(batch);
        batches.confirmed(batch);
      }
    },
    routes: () => ROUTES,
    get platform() {
      return rig.upstreamUrl === null ? null : platformAt(rig.upstreamUrl, 'x-post-count', '0.0.0');
    },
    checks,
    warnings,
    refreshDirectory: async () => {
      refreshed.count++;
      if (refreshed.fails) throw new Error('the ledger is down');
    },
    failures: memoryFailureThrottle({ failures }),
    adminToken: ADMIN_TOKEN,
    peerOf: (c) => getConnInfo(c).remote.address ?? '',
    log: adminLog,
    now: nowMs,
    newId: uuidv7,
    rules: RULES,
    sessionLimits: { idleMs: 30 * 60_000, maxMs: 12 * 3_600_000 },
    agents: agentDesk({
      ...{ db, agents: AGENTS, nowMs },
      access: {
        fetchPublic: (...asked) => rig.agentAccess.fetchPublic(...asked),
        reverseDns: (...asked) => rig.agentAccess.reverseDns(...asked),
      },
    }),
    sealer: sealerOf(SECRET),
    receivers: { allowPrivate: false, hasMailer: false },
    version: '0.0.0',
  };
  const app = mountConsole(createAdminApp(deps), deps);
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return Object.assign(rig, {
    app,
    db,
    connection: empty.ledger,
    refreshed,
    store,
    url,
    logged,
    tally,
    checks,
    warnings,
    call: (method: string, path: string, call: Call = {}) => send(url, method, path, call),
    async tokenWith(...roles: Role[]) {
      const token = secrets.newToken();
      const id = uuidv7();
      const hash = secrets.hashToken(token);
      await store.createToken({ id, name: roles.join(), roles, hash }, { actor: 'test', atMs: Date.now() });
      return token;
    },
    async close() {
      await new Promise((done) => server.close(done));
      await whatIfs.stop();
      await empty.drop();
    },
  });
}

async function send(url: string, method: string, path: string, call: Call): Promise<Answer> {
  const token = call.token === undefined ? ADMIN_TOKEN : call.token;
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(call.json === undefined ? {} : { 'content-type': 'application/json' }),
      connection: 'close',
      ...call.headers,
    },
    body: call.json === undefined ? (call.body ?? null) : JSON.stringify(call.json),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text !== '' ? JSON.parse(text) : undefined,
  };
}

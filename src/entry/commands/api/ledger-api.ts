/**
 * The admin API in this process, on a ledger that this process can open. Commands send the same requests and get the same
 * responses as through a gateway.
 */

import { userInfo } from 'node:os';
import { v7 as uuidv7 } from 'uuid';
import { sealerOf } from '../../../adapters/crypto/sealer.ts';
import { nodeSecrets } from '../../../adapters/crypto/secrets.ts';
import { memoryFailureThrottle } from '../../../adapters/memory/failure-throttle.ts';
import { fileNumberRegister } from '../../../adapters/node/number-register.ts';
import { postgresInvoices } from '../../../adapters/postgres/billing/ledger.ts';
import { postgresCountingLedger } from '../../../adapters/postgres/counting/counting-ledger.ts';
import { whatIfWork } from '../../../adapters/postgres/whatif/work.ts';
import { createAdminApp } from '../../../admin/app.ts';
import type { AdminLog } from '../../../admin/port.ts';
import { billingRulesOf } from '../../../config/billing-rules.ts';
import { sessionLimitsOf } from '../../../config/session-limits.ts';
import { catalogueOf } from '../../../identify/asker/catalogue/catalogue.ts';
import { agentDesk } from '../../agents/desk.ts';
import { nodeAgentAccess } from '../../agents/node-access.ts';
import { openMailer } from '../../alerts/alerts.ts';
import { readConfigFile } from '../../config-file.ts';
import { documentDesk } from '../../documents/desk.ts';
import { nodePress } from '../../documents/press.ts';
import { documentWorks } from '../../documents/works.ts';
import type { Environment } from '../../environment.ts';
import { adminBooks } from '../../stores/admin-books.ts';
import type { OpenLedger } from '../../stores/ledger.ts';
import { proposalDesk } from '../../stores/proposal-desk.ts';
import { termsDesk } from '../../terms/desk.ts';
import { VERSION } from '../../version.ts';
import { whatIfJob } from '../../what-ifs/job.ts';
import { type AdminApi, adminApi } from './admin-api.ts';

export interface LedgerApi extends AdminApi {
  /** Stops work in the background. The ledger must be open until it resolves. */
  close(): Promise<void>;
}

/** Builds the API. The audit log records the operating system user. Throws `UsageError` for an invalid configuration. */
export async function ledgerApi(ledger: OpenLedger, env: Environment): Promise<LedgerApi> {
  const loaded = readConfigFile(env.POSTMETER_CONFIG);
  const keySecret = await ledger.directory.keySecret();
  const secrets = nodeSecrets(keySecret);
  const token = secrets.newToken();
  const rules = billingRulesOf(loaded.config);
  let failure: unknown;
  const log: AdminLog = {
    info: () => {},
    warn: () => {},
    error: ({ err }) => {
      failure = err;
    },
  };
  const whatIfs = whatIfJob({ work: whatIfWork(ledger.db), rules, newId: uuidv7, nowMs: Date.now, log });
  const catalogue = catalogueOf(loaded.config.agents.catalogue);
  const app = createAdminApp({
    ...adminBooks(ledger.db, loaded.config.rights.maxSubjects),
    billing: postgresInvoices(ledger.db, rules, fileNumberRegister(env.DATA_DIR)),
    documents: documentDesk(
      ledger.db,
      documentWorks({
        ...{ db: ledger.db, press: nodePress(), keySecret, config: loaded.config, nowMs: Date.now },
        mail: openMailer(env.SMTP_URL, loaded.config),
      }),
    ),
    proposals: proposalDesk(ledger.db, rules, fileNumberRegister(env.DATA_DIR)),
    // `postmeter verify` prints its findings itself.
    verification: null,
    terms: termsDesk(ledger.db, env.UPSTREAM ?? loaded.config.upstream.url, VERSION),
    wakeWhatIfs: whatIfs.wake,
    secrets,
    catalogue,
    failures: memoryFailureThrottle(),
    adminToken: token,
    adminActor: `command line (${userInfo().username})`,
    peerOf: () => 'command line',
    // Commands do not read metrics, and this process counts nothing.
    metrics: { render: async () => ({ contentType: 'text/plain', text: '' }) },
    counting: postgresCountingLedger(ledger.db),
    shipCounts: async () => {},
    routes: () => loaded.routes,
    platform: null,
    checks: {},
    warnings: {},
    // Running gateways follow the ledger themselves.
    refreshDirectory: async () => {},
    log,
    now: Date.now,
    newId: uuidv7,
    rules,
    sessionLimits: sessionLimitsOf(loaded.config),
    agents: agentDesk({
      db: ledger.db,
      agents: catalogue.agents,
      access: nodeAgentAccess(loaded.config.agents),
      nowMs: Date.now,
    }),
    sealer: sealerOf(keySecret),
    receivers: {
      allowPrivate: loaded.config.receivers.allowPrivate,
      hasMailer: env.SMTP_URL !== undefined,
    },
    version: VERSION,
  });

  const api = adminApi(token, 'The ledger', async (path, init) => {
    const answer = await app.request(path, init);
    // The API hides the cause from its callers; the user of a command needs it.
    if (answer.status === 500 && failure instanceof Error) throw failure;
    return answer;
  });
  return { ...api, close: whatIfs.stop };
}

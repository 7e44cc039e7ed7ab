/**
 * The gateway in front of the network: a ledger that knows the keys of a signer and the addresses of GPTBot, a partner, the
 * blog /three opted out, and a policy whose mode can be changed.
 */

import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { migratePglite } from '../../../src/adapters/pglite/migrate.ts';
import { openPglite } from '../../../src/adapters/pglite/open.ts';
import { agentDirectories, agentLists } from '../../../src/adapters/postgres/rights/tables.ts';
import type { Mode } from '../../../src/rights/enforcement.ts';
import type { SettingValue } from '../../../src/rights/state.ts';
import { addClients } from '../../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../../support/gateway/process.ts';
import { until } from '../../support/until.ts';
import { type AskerSecrets, type NetworkAsker, PARTNER, refusedAskers, SIGNER } from './askers.ts';
import { type BlogDoor, doorsOf } from './doors.ts';
import { type Reply, send } from './send.ts';
import { HOST, type WordpressNetwork } from './wordpress-network.ts';

const CONFIG = {
  trustedProxies: ['loopback'],
  platform: ['', '/two', '/three'].map((base) => (base === '' ? 'wordpress' : { name: 'wordpress', base })),
  identify: { credentials: [{ from: 'bearer' }] },
  agents: {
    offline: true,
    catalogue: [{ token: 'GPTBot', verify: { signatureAgents: [SIGNER] } }],
    signatures: { maxPerCaller: 10_000, maxPerSecond: 10_000 },
  },
  rights: {
    // Files of all blogs have one folder, which nginx also serves below the folder of any blog.
    subjects: [
      { path: '/wp-content/uploads/sites/*/**', kind: 'blog', from: 'segment 4' },
      { path: '/*/wp-content/uploads/sites/*/**', kind: 'blog', from: 'segment 5' },
    ],
  },
};

/** What is not for training is not for training on the blog alone. */
const POLICY = {
  terms: { version: '2026-12-01', url: 'https://platform.example/tos' },
  rightsholder: { name: 'Platform Inc.', email: 'licensing@platform.example' },
  purposes: { search: 'allow', ai_training: 'allow' },
  paths: [{ path: '/three/', purposes: { ai_training: 'deny' } }],
};

export interface RightsGateway {
  readonly gateway: GatewayProcess;
  readonly askers: readonly NetworkAsker[];
  send(door: BlogDoor, headers: Readonly<Record<string, string>>): Promise<Reply>;
  /** Publishes the policy with this mode, and waits until it applies to every asker. */
  setMode(mode: Mode): Promise<void>;
  /** Withdraws all settings from the registry, and waits until this applies. */
  withdraw(): Promise<void>;
}

export async function startRightsGateway({ url, three }: WordpressNetwork): Promise<RightsGateway> {
  const dataDir = await mkdtemp(join(tmpdir(), 'postmeter-network-'));
  const secrets = await makeLedger(dataDir);
  const gateway = await startGatewayProcess({ upstream: url, config: CONFIG, dataDir });
  const keys = await addClients([gateway], [PARTNER]);
  await gateway.admin('PATCH', `/v1/clients/${PARTNER}`, { askerClass: 'partner' });
  const state = (value: SettingValue) =>
    gateway.admin('POST', '/v1/rights/settings', {
      source: 'optouts',
      reason: 'asked by the owner of the blog',
      settings: ['no_training', 'no_partner_sharing'].flatMap((named) => [
        { kind: 'path', scope: HOST, name: '/three', state: named, value },
        { kind: 'blog', name: String(three.id), state: named, value },
      ]),
    });
  await state('on');
  const askers = refusedAskers({ ...secrets, partnerKey: keys.get(PARTNER)! });
  const front = doorsOf('three', three)[0]!;
  const isRefused = async (asker: NetworkAsker) => {
    const { status, code } = await send(gateway.url, front, asker.headers(front));
    return status === 403 && code === asker.code;
  };
  return {
    gateway,
    askers,
    send: (door, headers) => send(gateway.url, door, headers),
    async setMode(mode) {
      const policy = { ...POLICY, enforcement: { mode } };
      await gateway.admin('POST', '/v1/policies', { policy, reason: `mode ${mode}` });
      for (const asker of askers) {
        await until(
          `${mode} applies to the ${asker.name}`,
          async () => (await isRefused(asker)) === (mode === 'enforce'),
        );
      }
    },
    async withdraw() {
      await state('unset');
      for (const asker of askers.filter(({ class: own }) => own !== 'forged')) {
        await until(`the withdrawal applies to the ${asker.name}`, async () => !(await isRefused(asker)));
      }
    },
  };
}

/** Creates the ledger with the directory of the signer and the published list of GPTBot, as if they had been fetched. */
async function makeLedger(dataDir: string): Promise<Omit<AskerSecrets, 'partnerKey'>> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const jwk = publicKey.export({ format: 'jwk' }) as JWK;
  const now = new Date();
  const ledger = await openPglite(dataDir);
  try {
    await migratePglite(ledger);
    const directory = { url: SIGNER, fetchedAt: now, freshUntil: new Date(now.getTime() + 3_600_000) };
    await ledger.db
      .insert(agentDirectories)
      .values({ ...directory, keys: { keys: [jwk] }, failures: 0, triedAt: now });
    const list = { url: 'https://openai.com/gptbot.json', prefixes: ['20.171.206.0/24'] };
    await ledger.db.insert(agentLists).values({ ...list, fetchedAt: now, triedAt: now });
  } finally {
    await ledger.close();
  }
  return { privateKey, keyid: await calculateJwkThumbprint(jwk) };
}

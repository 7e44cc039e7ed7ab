/** The built product as a process, started with an environment and ended by its process id. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { copyLedgerTemplate } from '../services/ledger-template.ts';

const CLI = fileURLToPath(new URL('../../../dist/entry/cli.js', import.meta.url));
export const ADMIN_TOKEN = 'test-admin-token-0123456789';

export interface GatewayProcess {
  readonly url: string;
  readonly adminUrl: string;
  readonly dataDir: string;
  readonly process: ChildProcess;
  /** Lines of the log so far. */
  readonly log: string[];
  /** Calls the admin API. Throws unless the status is 2xx. */
  admin<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Returns the page of metrics. */
  metrics(): Promise<string>;
  /** Ends the process with SIGTERM and resolves with its exit code. Keeps the data folder if `keep` is true. */
  stop(keep?: boolean): Promise<number | null>;
  kill(): Promise<void>;
}

export interface GatewayProcessOptions {
  readonly upstream: string;
  readonly config?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  readonly dataDir?: string;
  /** Another build of the program. */
  readonly cli?: string;
}

/** Resolves when the process listens. Throws with its output if it ends before. */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'postmeter-test-')));
  if (options.env?.DATABASE_URL === undefined) copyLedgerTemplate(dataDir);
  const configFile = join(dataDir, 'test.config.json');
  await writeFile(configFile, JSON.stringify(withDefaults(options.config)));
  const child = spawn(process.execPath, [options.cli ?? CLI, 'serve'], {
    env: {
      PATH: process.env.PATH ?? '',
      UPSTREAM: options.upstream,
      HOST: '127.0.0.1',
      PORT: '0',
      ADMIN_PORT: '0',
      ADMIN_TOKEN,
      DATA_DIR: dataDir,
      POSTMETER_CONFIG: configFile,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A test that fails or times out must not leave the process running.
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  child.once('exit', () => process.off('exit', killAtExit));
  const log: string[] = [];
  let isAsked = false;
  child.once('exit', (code, signal) => {
    // The test only sees refused connections. The log has the reason.
    if (!isAsked && code !== 0)
      process.stderr.write(
        `postmeter serve ended by itself (${signal ?? code}):\n${log.slice(-20).join('\n')}\n`,
      );
  });
  createInterface({ input: child.stderr! }).on('line', (line) => log.push(line));
  const { port, adminPort } = await listening(child, log);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  return {
    url: `http://127.0.0.1:${port}`,
    adminUrl,
    dataDir,
    process: child,
    log,
    admin: (method, path, body) => callAdmin(adminUrl, method, path, body),
    metrics: async () => {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      return (await fetch(`${adminUrl}/metrics`, { headers })).text();
    },
    stop: async (keep = false) => {
      isAsked = true;
      child.kill('SIGTERM');
      const [code] = await exited;
      if (!keep) await rm(dataDir, { recursive: true, force: true });
      return code;
    },
    kill: async () => {
      isAsked = true;
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A start without routes fails unless the configuration allows it, and draining would only delay tests. */
export function withDefaults(config: Record<string, unknown> = {}): Record<string, unknown> {
  return { routes: [], ...config, listen: { drainSeconds: 0, ...(config.listen as object) } };
}

function listening(child: ChildProcess, log: string[]): Promise<{ port: number; adminPort: number }> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      log.push(line);
      if (!line.includes('"listening"')) return;
      resolve(JSON.parse(line) as { port: number; adminPort: number });
    });
    child.once('exit', (code) => reject(new Error(`postmeter serve ended with ${code}:\n${log.join('\n')}`)));
  });
}

/** Calls the administration's API; throws if the answer is not 2xx. */
export async function callAdmin<T>(
  adminUrl: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await fetch(`${adminUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

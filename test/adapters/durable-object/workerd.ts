/** The product's objects in workerd, under test: bundled by wrangler, started by Miniflare, called by name. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Miniflare } from 'miniflare';
import { freePort } from '../../services/free-port.ts';
import { type Answer, fromWire, toWire } from './wire.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
const RUNTIME = { compatibilityDate: '2026-04-20', compatibilityFlags: ['nodejs_compat'] };
const CLASSES = {
  CLIENTS: 'ClientObject',
  LEDGER: 'LedgerObject',
  DIRECTORY: 'DirectoryObject',
  STORES: 'StoreObject',
  METERED: 'MeteredObject',
};

/** An object as the test sees it: its methods, over HTTP. */
export type Remote<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

export interface Objects {
  readonly url: string;
  /** Lines of the log so far. */
  readonly log: readonly string[];
  object<Methods>(binding: keyof typeof CLASSES, name: string): Remote<Methods>;
  /** SIGKILL, and a start on what was stored. */
  crash(): Promise<void>;
  /** An orderly end, and a start on what was stored; `config` is that of this life alone. */
  restart(config?: Record<string, unknown>): Promise<void>;
  stop(): Promise<void>;
}

export interface ObjectsOptions {
  readonly databaseUrl?: string;
  readonly config?: Record<string, unknown>;
  readonly bindings?: Record<string, string>;
}

export async function startObjects(options: ObjectsOptions = {}): Promise<Objects> {
  const folder = await mkdtemp(join(tmpdir(), 'postmeter-objects-'));
  await bundle(folder);
  const port = await freePort();
  const log: string[] = [];
  let runtime = await launch(folder, port, log, options);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    log,
    object: <Methods>(binding: keyof typeof CLASSES, name: string) =>
      new Proxy({} as Remote<Methods>, {
        get:
          (_target, method) =>
          (...args: readonly unknown[]) =>
            call(url, toWire({ binding, name, method, args })),
      }),
    crash: async () => {
      process.kill(runtime.pid, 'SIGKILL');
      await runtime.miniflare.dispose();
      runtime = await launch(folder, port, log, options);
    },
    restart: async (config = options.config ?? {}) => {
      await runtime.miniflare.dispose();
      runtime = await launch(folder, port, log, { ...options, config });
    },
    stop: async () => {
      await runtime.miniflare.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function call(url: string, body: string): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body });
  return outcomeOf(await response.text());
}

/** Throws what the object threw. */
export function outcomeOf(text: string): unknown {
  const answer = fromWire<Answer>(text);
  if ('error' in answer) throw Object.assign(new Error(answer.error.message), answer.error);
  return answer.value;
}

/** By a configuration of its own: that of the product names classes that are not under test here. */
async function bundle(folder: string): Promise<void> {
  const config = join(folder, 'wrangler.json');
  const main = fileURLToPath(new URL('worker.ts', import.meta.url));
  const { compatibilityDate: compatibility_date, compatibilityFlags: compatibility_flags } = RUNTIME;
  await writeFile(config, JSON.stringify({ name: 'objects', main, compatibility_date, compatibility_flags }));
  const args = [WRANGLER, 'deploy', '--dry-run', '--config', config, '--outdir', join(folder, 'bundle')];
  const offline = {
    WRANGLER_SEND_METRICS: 'false',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_HIDE_BANNER: 'true',
  };
  await promisify(execFile)(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...offline } });
}

async function launch(folder: string, port: number, log: string[], options: ObjectsOptions) {
  const before = children();
  const miniflare = new Miniflare({
    ...RUNTIME,
    modules: true,
    modulesRoot: join(folder, 'bundle'),
    scriptPath: join(folder, 'bundle', 'worker.js'),
    bindings: {
      POSTMETER_CONFIG: JSON.stringify(options.config ?? {}),
      // Not as `hyperdrives`: Miniflare's own proxy for these ends this process when the server is gone.
      HYPERDRIVE: { connectionString: options.databaseUrl ?? 'postgres://none@127.0.0.1:1/none' },
      ...options.bindings,
    },
    durableObjects: Object.fromEntries(
      Object.entries(CLASSES).map(([binding, className]) => [binding, { className, useSQLite: true }]),
    ),
    durableObjectsPersist: join(folder, 'storage'),
    // Past what Miniflare puts before a Worker: a test may block this process while the Worker answers.
    unsafeDirectSockets: [{ host: '127.0.0.1', port }],
    cf: false,
    host: '127.0.0.1',
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      for (const stream of [stdout, stderr])
        createInterface({ input: stream }).on('line', (line) => log.push(line));
    },
  });
  await miniflare.ready;
  const [pid] = children().filter((child) => !before.includes(child) && isWorkerd(child));
  if (pid === undefined) throw new Error('which process is the runtime cannot be told');
  return { miniflare, pid };
}

function children(): number[] {
  const text = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function isWorkerd(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]!.endsWith('workerd');
}

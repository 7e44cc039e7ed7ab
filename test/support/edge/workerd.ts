/** Runs the bundled Worker in workerd with the bindings of `wrangler.toml`. Miniflare starts it; tests can kill it. */

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Miniflare, type MiniflareOptions, type SharedOptions, type WorkerOptions } from 'miniflare';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { freePort } from '../services/free-port.ts';
import { ROOT } from './bundle.ts';

export const ADMIN_HOST = 'admin.test';

export interface WorkerdOptions {
  /** The folder of a bundle from `bundleWorker`. */
  readonly bundle: string;
  /** The file in the folder. Default `worker.js`. */
  readonly script?: string;
  readonly upstream: string;
  readonly databaseUrl: string;
  readonly config?: Record<string, unknown>;
  readonly adminToken: string;
  /** Default: `ADMIN_HOST` of this module. */
  readonly adminHost?: string;
  /** Options of Miniflare that replace those set here. */
  readonly miniflare?: Partial<SharedOptions & WorkerOptions>;
}

export interface Workerd {
  /** URL of the Worker itself, without Miniflare's front. */
  readonly url: string;
  /** Id of the runtime's process. */
  readonly pid: number;
  /** The lines of the log so far. */
  readonly log: readonly string[];
  /** Runs the cron trigger once. Throws if it fails. */
  bill(): Promise<void>;
  /** Kills the runtime by SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same storage. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorkerd(options: WorkerdOptions): Promise<Workerd> {
  const storage = await mkdtemp(join(tmpdir(), 'postmeter-objects-'));
  const port = await freePort();
  const log: string[] = [];
  let runtime = await launch(options, storage, port, log);
  return {
    url: `http://127.0.0.1:${port}`,
    get pid() {
      return runtime.pid;
    },
    log,
    bill: async () => {
      const { outcome } = await (await runtime.miniflare.getWorker()).scheduled({ cron: '* * * * *' });
      if (outcome !== 'ok')
        throw new Error(`the cron trigger ended with ${outcome}:\n${log.slice(-10).join('\n')}`);
    },
    kill: async () => {
      process.kill(runtime.pid, 'SIGKILL');
      await runtime.miniflare.dispose();
    },
    restart: async () => {
      runtime = await launch(options, storage, port, log);
    },
    stop: async () => {
      await runtime.miniflare.dispose();
      await rm(storage, { recursive: true, force: true });
    },
  };
}

async function launch(options: WorkerdOptions, storage: string, port: number, log: string[]) {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, 'wrangler.toml'));
  return startRuntime({
    ...workerOptions,
    // By default Miniflare resolves imports, and fails at one that never runs.
    modulesRoot: options.bundle,
    modules: [{ type: 'ESModule', path: join(options.bundle, options.script ?? 'worker.js') }],
    bindings: {
      ...workerOptions.bindings,
      UPSTREAM: options.upstream,
      ADMIN_HOST: options.adminHost ?? ADMIN_HOST,
      ADMIN_TOKEN: options.adminToken,
      POSTMETER_CONFIG: JSON.stringify({ routes: [], ...options.config }),
      // Miniflare (4.20260426) replaces Hyperdrive by a proxy without error handlers: a lost connection is an uncaught
      // ECONNRESET in this process, and the transaction of a killed runtime keeps its locks until the server ends it after
      // a minute.
      HYPERDRIVE: { connectionString: options.databaseUrl },
    },
    hyperdrives: {},
    unsafeDirectSockets: [{ host: '127.0.0.1', port }],
    durableObjectsPersist: storage,
    cf: false,
    host: '127.0.0.1',
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      for (const stream of [stdout, stderr])
        createInterface({ input: stream }).on('line', (line) => log.push(line));
    },
    ...options.miniflare,
  });
}

/** Starts a runtime. Resolves with its process id when it serves. One start runs at a time. */
export async function startRuntime(
  options: MiniflareOptions,
): Promise<{ miniflare: Miniflare; pid: number }> {
  const before = children();
  const miniflare = new Miniflare(options);
  await miniflare.ready;
  const [pid, ...others] = children().filter((child) => !before.includes(child) && isWorkerd(child));
  if (pid === undefined || others.length > 0)
    throw new Error('the process of the runtime cannot be identified');
  return { miniflare, pid };
}

/** Process ids of the running children of this process. */
function children(): number[] {
  const text = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function isWorkerd(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]!.endsWith('workerd');
}

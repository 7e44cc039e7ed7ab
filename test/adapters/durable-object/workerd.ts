/** The product's objects in workerd, bundled by wrangler, started by Miniflare, called by name. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { bundleAlone, RUNTIME } from '../../support/edge/bundle.ts';
import { startRuntime } from '../../support/edge/workerd.ts';
import { freePort } from '../../support/services/free-port.ts';
import { type Answer, fromWire, toWire } from './wire.ts';

const SCRIPT = fileURLToPath(new URL('worker.ts', import.meta.url));
const CLASSES = {
  CLIENTS: 'ClientObject',
  LEDGER: 'LedgerObject',
  DIRECTORY: 'DirectoryObject',
  RIGHTS: 'RightsObject',
  STORES: 'StoreObject',
  METERED: 'MeteredObject',
};

/** What all starts of the runtime share. */
interface Place {
  readonly bundle: string;
  readonly storage: string;
  readonly port: number;
  readonly log: string[];
}

/** The methods of an object, over HTTP. */
export type Remote<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

export interface Objects {
  readonly url: string;
  /** The lines of the log so far. */
  readonly log: readonly string[];
  object<Methods>(binding: keyof typeof CLASSES, name: string): Remote<Methods>;
  /** Kills the runtime, and starts another on the same storage. */
  crash(): Promise<void>;
  /** Stops the runtime, and starts another on the same storage. `config` applies until the next start. */
  restart(config?: Record<string, unknown>): Promise<void>;
  stop(): Promise<void>;
}

export interface ObjectsOptions {
  readonly databaseUrl?: string;
  readonly config?: Record<string, unknown>;
  readonly bindings?: Record<string, string>;
}

export async function startObjects(options: ObjectsOptions = {}): Promise<Objects> {
  const bundle = await bundleAlone(SCRIPT);
  const storage = await mkdtemp(join(tmpdir(), 'postmeter-objects-'));
  const port = await freePort();
  const log: string[] = [];
  const place: Place = { bundle: bundle.folder, storage, port, log };
  let runtime = await launch(place, options);
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
      runtime = await launch(place, options);
    },
    restart: async (config = options.config ?? {}) => {
      await runtime.miniflare.dispose();
      runtime = await launch(place, { ...options, config });
    },
    stop: async () => {
      await runtime.miniflare.dispose();
      await Promise.all([bundle.remove(), rm(storage, { recursive: true, force: true })]);
    },
  };
}

async function call(url: string, body: string): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body });
  return outcomeOf(await response.text());
}

/** Returns the object's result, or throws its error. */
export function outcomeOf(text: string): unknown {
  const answer = fromWire<Answer>(text);
  if ('error' in answer) throw Object.assign(new Error(answer.error.message), answer.error);
  return answer.value;
}

async function launch({ bundle, storage, port, log }: Place, options: ObjectsOptions) {
  return startRuntime({
    ...RUNTIME,
    modulesRoot: bundle,
    modules: [{ type: 'ESModule', path: join(bundle, 'worker.js') }],
    bindings: {
      POSTMETER_CONFIG: JSON.stringify(options.config ?? {}),
      // `hyperdrives` would use Miniflare's proxy, which ends this process if the server is unreachable.
      HYPERDRIVE: { connectionString: options.databaseUrl ?? 'postgres://none@127.0.0.1:1/none' },
      ...options.bindings,
    },
    durableObjects: Object.fromEntries(
      Object.entries(CLASSES).map(([binding, className]) => [binding, { className, useSQLite: true }]),
    ),
    durableObjectsPersist: storage,
    // Bypasses Miniflare's front, because a test may block this process while the Worker answers.
    unsafeDirectSockets: [{ host: '127.0.0.1', port }],
    cf: false,
    host: '127.0.0.1',
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      for (const stream of [stdout, stderr])
        createInterface({ input: stream }).on('line', (line) => log.push(line));
    },
  });
}

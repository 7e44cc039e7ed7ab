/** The bundled Worker in workerd, with fake objects, in front of an origin on Node. */

import { type IncomingMessage, type RequestListener, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Miniflare } from 'miniflare';
import { bundleWorker, ROOT, RUNTIME } from '../../support/edge/bundle.ts';
import { type OriginOptions, startOrigin } from '../../support/origins/scripted.ts';
import type { Behaviour, Held } from './gateway-alone.ts';

const SCRIPT = join(ROOT, 'test/adapters/worker/gateway-alone.ts');
const OBJECTS = {
  CLIENTS: { className: 'ClientObject', useSQLite: true },
  DIRECTORY: { className: 'DirectoryObject', useSQLite: true },
};

export interface Answered {
  readonly message: IncomingMessage;
  readonly body: Buffer;
  /** True if the body was not aborted. */
  readonly isWhole: boolean;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface GatewayRig {
  readonly url: string;
  /** The lines of the log so far. */
  readonly log: readonly string[];
  ask(path: string, asked?: Asked): Promise<Answered>;
  behave(behaviour: Partial<Behaviour>): Promise<void>;
  /** Returns what the fakes have received since the last call. */
  held(): Promise<Held>;
  stop(): Promise<void>;
}

export async function startGatewayRig(
  listener: RequestListener,
  config: unknown,
  onUpgrade?: OriginOptions['onUpgrade'],
): Promise<GatewayRig> {
  const bundle = await bundleWorker({ script: SCRIPT });
  const platform = await startOrigin(listener, onUpgrade === undefined ? {} : { onUpgrade });
  const log: string[] = [];
  const miniflare = new Miniflare({
    modulesRoot: bundle.folder,
    modules: [{ type: 'ESModule', path: join(bundle.folder, 'gateway-alone.js') }],
    ...RUNTIME,
    cf: false,
    host: '127.0.0.1',
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    durableObjects: OBJECTS,
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      for (const stream of [stdout, stderr])
        createInterface({ input: stream }).on('line', (line) => log.push(line));
    },
    bindings: {
      UPSTREAM: platform.url,
      ADMIN_HOST: 'admin.test',
      POSTMETER_CONFIG: JSON.stringify(config),
    },
  });
  await miniflare.ready;
  const url = (await miniflare.unsafeGetDirectURL()).origin;
  const control = async (path: string, body: unknown) => {
    const headers = { host: 'fakes.test' };
    const { body: text } = await ask(url, path, { method: 'POST', headers, body: JSON.stringify(body) });
    return JSON.parse(text.toString()) as Held;
  };
  return {
    url,
    log,
    ask: (path, asked) => ask(url, path, asked),
    behave: async (behaviour) => {
      const plain = { answerAfterMs: 0, failures: 0, failsAfterTaking: false, signerKeys: [] };
      await control('/behave', { ...plain, ...behaviour });
    },
    held: () => control('/forget', {}),
    stop: async () => {
      await miniflare.dispose();
      await platform.stop();
      await bundle.remove();
    },
  };
}

function ask(url: string, path: string, { method = 'GET', headers, body }: Asked = {}): Promise<Answered> {
  const sent = { host: 'platform.test', 'cf-connecting-ip': '203.0.113.9', ...headers };
  return new Promise((resolve, reject) => {
    const asking = request(url + path, { method, headers: sent, agent: false }, (message) => {
      const chunks: Buffer[] = [];
      message.on('data', (chunk: Buffer) => chunks.push(chunk));
      message.on('error', () => {});
      message.on('close', () => resolve({ message, body: Buffer.concat(chunks), isWhole: message.complete }));
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

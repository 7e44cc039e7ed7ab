/**
 * A private server for tests: one process in a temporary folder of its own. It is ended, and its folder removed, by
 * `stop`; and by a watchdog as soon as our own process is gone, however that ended (SIGKILL too).
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What starts, and how we see that it answers. */
export interface Launch {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Removed when the service stops; the server's log is in it. */
  readonly folder: string;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Resolves when the server answers, rejects while it does not. */
  answers(): Promise<void>;
}

export interface Service {
  readonly folder: string;
  /** Of the server; another one after `revive`. */
  pid(): number;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
  /** SIGKILL, as in a crash; what is on disk stays for `revive`. */
  crash(): Promise<void>;
  /** Starts the crashed server again on the same port and folder. */
  revive(): Promise<void>;
}

const START_MS = 30_000;

/** Starts the server and waits until it answers. Throws with the end of its log where it does not within 30 s. */
export async function startService(launch: Launch): Promise<Service> {
  let running = await run(launch);
  return {
    folder: launch.folder,
    pid: () => running.server.pid!,
    stop: () => end(running, 'SIGINT'),
    crash: async () => {
      running.server.kill('SIGKILL');
      await exited(running.server);
    },
    revive: async () => {
      running.watchdog.kill('SIGKILL');
      running = await run(launch);
    },
  };
}

interface Running {
  readonly server: ChildProcess;
  readonly watchdog: ChildProcess;
}

async function run(launch: Launch): Promise<Running> {
  const log = join(launch.folder, 'log');
  const output = openSync(log, 'a');
  const server = spawn(launch.command, launch.args, {
    ...launch.user,
    env: { ...process.env, ...launch.env },
    cwd: launch.folder,
    detached: true,
    stdio: ['ignore', output, output],
  });
  await once(server, 'spawn');
  const running = { server, watchdog: watch(server.pid ?? 0, launch.folder) };
  server.unref();
  try {
    await untilAnswers(launch, server);
    return running;
  } catch (cause) {
    const tail = readFileSync(log, 'utf8').slice(-2000);
    await end(running, 'SIGKILL');
    throw new Error(`${launch.name} did not start. Its log ends:\n${tail}`, { cause });
  }
}

async function untilAnswers(launch: Launch, server: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    try {
      await launch.answers();
      return;
    } catch (cause) {
      if (server.exitCode !== null) throw new Error(`it exited with code ${server.exitCode}`, { cause });
      if (performance.now() > deadline) throw new Error(`no answer within ${START_MS} ms`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }
}

async function end({ server, watchdog }: Running, signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
  server.kill(signal);
  await exited(server);
  watchdog.stdin?.end();
  await exited(watchdog);
}

async function exited(child: ChildProcess): Promise<void> {
  child.ref(); // Who waits for it must not end before it.
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Its standard input is a pipe that only we hold: at its end we are gone, and the server and its folder go too. */
function watch(pid: number, folder: string): ChildProcess {
  const script =
    'cat >/dev/null; kill -INT "$1" 2>/dev/null; while kill -0 "$1" 2>/dev/null; do sleep 0.05; done; rm -rf "$2"';
  const watchdog = spawn('sh', ['-c', script, 'watchdog', String(pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  return watchdog;
}

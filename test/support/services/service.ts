/**
 * A private server for tests: one process in its own temporary folder. `stop` ends it and removes the folder. A
 * watchdog does the same once this process has ended in any way, including SIGKILL.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How to start a server, and how to check that it answers. */
export interface Launch {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Contains the server's log. Removed when the service stops. */
  readonly folder: string;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Resolves when the server answers, rejects while it does not. */
  answers(): Promise<void>;
}

export interface Service {
  readonly folder: string;
  /** The server's process id. `revive` changes it. */
  pid(): number;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
  /** Sends SIGKILL, as in a crash. The files remain for `revive`. */
  crash(): Promise<void>;
  /** Starts the crashed server again on the same port and folder. */
  revive(): Promise<void>;
}

const START_MS = 30_000;

/** Starts the server and waits until it answers. Throws with the end of its log if it does not answer within 30 s. */
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
  child.ref(); // This process must not end before the one that it waits for.
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/**
 * Only this process holds the pipe to the watchdog's standard input. Its end means that this process has ended, so
 * the watchdog ends the server and removes its folder.
 */
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

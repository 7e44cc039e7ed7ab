/** `postmeter serve`: the gateway, until it is told to stop. */

import { Command } from 'commander';
import { secretsIn, withoutParameters } from '../../report/redaction.ts';
import { readConfigFile } from '../config-file.ts';
import { readEnvironment } from '../environment.ts';
import { type Logger, openLog } from '../log.ts';
import { type RunningPostmeter, startNode } from '../node.ts';
import { listenForSignals } from '../signals.ts';
import { UsageError } from '../usage-error.ts';

const MORE_HELP = `
Environment:
  UPSTREAM          URL of the platform (or upstream.url in the configuration)
  PORT, HOST        where clients are served (8787, all interfaces)
  ADMIN_PORT        administration (8788), on ADMIN_HOST (127.0.0.1)
  ADMIN_TOKEN       a token with the roles operator and finance
  DATABASE_URL      PostgreSQL 15 or later; without it the ledger is embedded in DATA_DIR
  REDIS_URL         Redis 7 or Valkey; without it windows are kept in this process
  DATA_DIR          journal and embedded ledger (./data)
  POSTMETER_CONFIG  configuration file (./postmeter.config.json)
  POSTMETER_SECRET  keys the hashes of API keys; without it the ledger keeps one
  LOG_LEVEL         fatal, error, warn, info, debug, trace or silent (info)

Signals:
  SIGTERM           readiness fails, requests are accepted for listen.drainSeconds, then it stops: requests
                    under way are finished and usage is shipped. A second SIGTERM ends it at once
  SIGINT            stops without draining
  SIGHUP            reads the configuration again: routes, platform, count, identify, trustedProxies, log,
                    upstream.host, .via and .clientHeader hold from then on, other fields need a restart;
                    a file with faults changes nothing`;

export function serveCommand(): Command {
  return new Command('serve')
    .description('the gateway: proxy, meter, billing and administration')
    .addHelpText('after', MORE_HELP)
    .action(async () => {
      const env = readEnvironment(process.env);
      const loaded = readConfigFile(env.POSTMETER_CONFIG);
      const log = openLog(env.LOG_LEVEL, { secrets: secretsIn(env) });
      endByTheLog(log);
      // Heard from now on: a signal that comes while it starts, or right after it says that it listens, is not lost.
      let running: RunningPostmeter | null = null;
      const stopped = listenForSignals({
        reload: () => reload(running, env.POSTMETER_CONFIG, log),
        ignored: (signal) => log.warn({ signal }, 'a signal without a meaning here was ignored'),
      });
      running = await startNode(env, loaded, log);
      const signal = await stopped;
      log.info({ signal }, 'stopping');
      await running.stop(signal !== 'SIGINT');
      log.info('stopped');
    });
}

/** A file with faults changes nothing; the log says which faults. */
function reload(running: RunningPostmeter | null, file: string | undefined, log: Logger): void {
  if (running === null) {
    log.warn('SIGHUP during the start: the configuration has just been read');
    return;
  }
  try {
    running.reload(readConfigFile(file));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    log.error({ reason: error.message }, 'the configuration was not reloaded; the old one stays in use');
  }
}

/** Node's own last words show whatever hangs on the error; the log's do not. */
function endByTheLog(log: Logger): void {
  process.on('uncaughtException', (error) => {
    const stack = withoutParameters(error.stack ?? '');
    log.fatal({ err: error, stack }, 'unexpected error; exiting; usage is safe in the journal');
    process.exit(1);
  });
}

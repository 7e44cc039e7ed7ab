/** `postmeter serve`: runs the gateway until a signal stops it. */

import { Command } from 'commander';
import { secretsIn, withoutSqlParameters } from '../../report/redaction.ts';
import { readConfigFile } from '../config-file.ts';
import { readEnvironment } from '../environment.ts';
import { type Logger, openLog } from '../logs/log.ts';
import { type RunningPostmeter, startNode } from '../node.ts';
import { listenForSignals } from '../signals.ts';
import { UsageError } from '../usage-error.ts';

const MORE_HELP = `
Environment:
  UPSTREAM          URL of the platform (or upstream.url in the configuration)
  PORT, HOST        address that clients connect to (8787, all interfaces)
  ADMIN_PORT        port of the console and the admin API (8788), on ADMIN_HOST (127.0.0.1);
                    the console is at http://localhost:8788, sign in with ADMIN_TOKEN or another token
  ADMIN_TOKEN       token with the roles operator, finance and admin
  DATABASE_URL      PostgreSQL 15 or later; default: an embedded ledger in DATA_DIR
  REDIS_URL         Redis 7 or Valkey; default: windows are kept in this process
  DATA_DIR          folder of the journal and the embedded ledger (./data)
  POSTMETER_CONFIG  configuration file (./postmeter.config.json)
  POSTMETER_SECRET  key of the hashes of API keys, and of the secrets of alert receivers; default: a key
                    stored in the ledger
  RIGHTS_WEBHOOK_SECRET
                    secret of the platform's webhook, whsec_ and 24 to 64 bytes in base64; default: no webhook
  SMTP_URL          mail server for alerts; needs receivers.mailFrom in the configuration
  LOG_LEVEL         fatal, error, warn, info, debug, trace or silent (info)

Signals:
  SIGTERM           fails readiness, accepts requests for listen.drainSeconds, then finishes requests in
                    flight, ships usage and exits. A second SIGTERM exits at once
  SIGINT            stops without draining
  SIGHUP            reloads the configuration: routes, platform, count, identify, trustedProxies, log,
                    upstream.host, .via, .clientHeader and .agentHeader take effect, other fields
                    need a restart.
                    A file with faults changes nothing`;

export function serveCommand(): Command {
  return new Command('serve')
    .description('run the gateway: proxy, meter, billing, admin API and console')
    .addHelpText('after', MORE_HELP)
    .action(async () => {
      const env = readEnvironment(process.env);
      const loaded = readConfigFile(env.POSTMETER_CONFIG);
      const log = openLog(env.LOG_LEVEL, { secrets: secretsIn(env) });
      logFatalAndExit(log);
      // Install the handlers first, so that a signal during the start is not lost.
      let running: RunningPostmeter | null = null;
      const stopped = listenForSignals({
        reload: () => reload(running, env.POSTMETER_CONFIG, log),
        ignored: (signal) => log.warn({ signal }, 'the signal has no effect and was ignored'),
      });
      running = await startNode(env, loaded, log);
      const signal = await stopped;
      log.info({ signal }, 'stopping');
      await running.stop(signal !== 'SIGINT');
      log.info('stopped');
    });
}

/** Reloads the configuration. A file with faults changes nothing; the log lists the faults. */
function reload(running: RunningPostmeter | null, file: string | undefined, log: Logger): void {
  if (running === null) {
    log.warn('SIGHUP during startup was ignored: the configuration has just been read');
    return;
  }
  try {
    running.reload(readConfigFile(file));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    log.error({ reason: error.message }, 'the configuration was not reloaded; the old one remains in use');
  }
}

/** Logs an uncaught error and exits. Node would print every field of the error, which may contain secrets. */
function logFatalAndExit(log: Logger): void {
  process.on('uncaughtException', (error) => {
    const stack = withoutSqlParameters(error.stack ?? '');
    log.fatal({ err: error, stack }, 'unexpected error; exiting; usage is safe in the journal');
    process.exit(1);
  });
}

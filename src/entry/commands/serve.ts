/** `postmeter serve`: the gateway, until it is told to stop. */

import { Command } from 'commander';
import { secretsIn } from '../../report/redaction.ts';
import { readConfigFile } from '../config-file.ts';
import { readEnvironment } from '../environment.ts';
import { type Logger, openLog } from '../log.ts';
import { startNode } from '../node.ts';
import { toldToStop } from '../signals.ts';

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

SIGTERM or SIGINT stops it: requests under way are finished and usage is shipped. A second signal ends it at once.`;

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
      const told = toldToStop();
      const running = await startNode(env, loaded, log);
      log.info({ port: running.port, adminPort: running.adminPort }, 'listening');
      await told;
      log.info('stopping');
      await running.stop();
      log.info('stopped');
    });
}

/** Node's own last words show whatever hangs on the error; the log's do not. */
function endByTheLog(log: Logger): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'a fault that nobody expected; the process ends, the journal has the usage');
    process.exit(1);
  });
}

/** The structured log of the Worker and its objects: one JSON object a line on the console, secrets cut out. */

import type { AdminLog } from '../../admin/port.ts';
import { secretsIn, withoutSecrets, withoutSqlParameters } from '../../report/redaction.ts';

type Level = 'info' | 'warn' | 'error';

/** `bindings`: what the environment holds; its secrets, and the password to the database, never reach a line. */
export function edgeLog(bindings: object): AdminLog {
  const { HYPERDRIVE } = bindings as { HYPERDRIVE?: { readonly connectionString: string } };
  const secrets = secretsIn({ ...bindings, DATABASE_URL: HYPERDRIVE?.connectionString });
  const write = (level: Level) => (fields: Record<string, unknown>, msg: string) => {
    const line = { level, time: new Date().toISOString(), service: 'postmeter', ...fields, msg };
    // biome-ignore lint/suspicious/noConsole: the console is where a Worker's log goes
    console[level](withoutSecrets(JSON.stringify(line, readable), secrets));
  };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

/** An error has no members of its own that JSON shows, and a driver's may have too many: the row, the statement. */
function readable(_name: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { code } = value as { readonly code?: unknown };
  return {
    type: value.name,
    message: withoutSqlParameters(value.message),
    ...(code === undefined ? {} : { code }),
    ...(isRepeated(value) ? {} : { cause: value.cause }),
    ...(value instanceof AggregateError ? { errors: value.errors } : {}),
  };
}

/** A cause whose message is part of its error's own would be said twice. */
function isRepeated({ message, cause }: Error): boolean {
  return cause === undefined || (cause instanceof Error && message.includes(cause.message));
}

/** The structured log of the Worker and its objects: one JSON object per line on the console, without secrets. */

import type { AdminLog } from '../../admin/port.ts';
import { secretsIn, withoutSecrets, withoutSqlParameters } from '../../report/redaction.ts';

type Level = 'info' | 'warn' | 'error';

/** @param bindings the environment. Its secrets and the password of the database are removed from every line. */
export function edgeLog(bindings: object): AdminLog {
  const { HYPERDRIVE } = bindings as { HYPERDRIVE?: { readonly connectionString: string } };
  const secrets = secretsIn({ ...bindings, DATABASE_URL: HYPERDRIVE?.connectionString });
  const write = (level: Level) => (fields: Record<string, unknown>, msg: string) => {
    const line = { level, time: new Date().toISOString(), service: 'postmeter', ...fields, msg };
    // biome-ignore lint/suspicious/noConsole: a Worker logs to the console
    console[level](withoutSecrets(JSON.stringify(line, readable), secrets));
  };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

/** Selects the members of errors: JSON shows none by itself, and those of a driver may include rows and statements. */
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

/** True if there is no cause, or the error's message includes that of its cause. */
function isRepeated({ message, cause }: Error): boolean {
  return cause === undefined || (cause instanceof Error && message.includes(cause.message));
}

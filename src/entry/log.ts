/** The structured log: one JSON object a line on stdout; secrets are cut out wherever they could be. */

import { pino, type SerializedError } from 'pino';
import { CENSOR, withoutParameters, withoutSecrets } from '../report/redaction.ts';

export type Logger = pino.Logger;

const REDACTED = [
  'authorization',
  'cookie',
  'token',
  'apiKey',
  'key',
  'secret',
  'password',
  'DATABASE_URL',
  'REDIS_URL',
];

export interface LogOptions {
  /** Cut out of every line, wherever they stand in it: `secretsIn`. */
  readonly secrets?: readonly string[];
  /** Default: stdout. */
  readonly destination?: pino.DestinationStream;
}

export function openLog(level: string, { secrets = [], destination }: LogOptions = {}): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { service: 'postmeter' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: [...REDACTED, ...REDACTED.map((name) => `*.${name}`)], censor: CENSOR },
    serializers: { err: (thrown: unknown) => errorFields(thrown, level === 'debug' || level === 'trace') },
    hooks: {
      streamWrite: (line) => withoutSecrets(line, secrets),
      // Where there is no message pino takes the error's own, past the serializer.
      logMethod(given, write) {
        if (given.length === 1 && typeof given[0] === 'object') write.call(this, given[0], 'an error');
        else write.apply(this, given);
      },
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** What an error may tell beside its message. */
const TOLD = ['code', 'errno', 'syscall', 'address', 'port', 'severity', 'constraint_name'] as const;

/**
 * An error as the log shows it, and nothing that a driver hangs on it besides: ioredis the command with its arguments
 * (AUTH with the password), the URL parser its input, PostgreSQL the row.
 */
function errorFields(thrown: unknown, withStack: boolean): unknown {
  if (!(thrown instanceof Error)) return thrown;
  return fieldsOf(pino.stdSerializers.errWithCause(thrown), withStack);
}

/** A cause whose message is part of its error's own would be said twice. */
function fieldsOf(error: SerializedError, withStack: boolean): Record<string, unknown> {
  const told = TOLD.filter((name) => error[name] !== undefined).map((name) => [name, error[name]]);
  const { cause } = error as { readonly cause?: SerializedError };
  const isRepeated = cause === undefined || error.message.includes(cause.message);
  return {
    type: error.type,
    message: withoutParameters(error.message),
    ...Object.fromEntries(told),
    ...(withStack ? { stack: withoutParameters(error.stack) } : {}),
    ...(isRepeated && !withStack ? {} : { cause: cause && fieldsOf(cause, withStack) }),
    ...(error.aggregateErrors === undefined
      ? {}
      : { errors: error.aggregateErrors.map((one: SerializedError) => fieldsOf(one, withStack)) }),
  };
}

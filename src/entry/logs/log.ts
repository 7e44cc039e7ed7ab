/** The structured log: one JSON object per line on stdout, with secrets removed. */

import { pino, type SerializedError } from 'pino';
import { CENSOR, withoutSecrets, withoutSqlParameters } from '../../report/redaction.ts';

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
  'SMTP_URL',
];

export interface LogOptions {
  /** Values to remove from every line, from `secretsIn`. */
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
      // Without a message, pino would log the message of the error and bypass the serializer.
      logMethod(given, write) {
        if (given.length === 1 && typeof given[0] === 'object') write.call(this, given[0], 'an error');
        else write.apply(this, given);
      },
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Fields of an error that may be logged besides its message. */
const LOGGED_FIELDS = ['code', 'errno', 'syscall', 'address', 'port', 'severity', 'constraint_name'] as const;

/**
 * Returns the loggable fields of an error. Other fields may hold secrets: ioredis attaches the command with its arguments
 * (AUTH with the password), the URL parser its input, PostgreSQL the row.
 */
function errorFields(thrown: unknown, withStack: boolean): unknown {
  if (!(thrown instanceof Error)) return thrown;
  return fieldsOf(pino.stdSerializers.errWithCause(thrown), withStack);
}

/** Omits a cause whose message is already part of the message of its error. */
function fieldsOf(error: SerializedError, withStack: boolean): Record<string, unknown> {
  const logged = LOGGED_FIELDS.filter((name) => error[name] !== undefined).map((name) => [name, error[name]]);
  const { cause } = error as { readonly cause?: SerializedError };
  const isRepeated = cause === undefined || error.message.includes(cause.message);
  return {
    type: error.type,
    message: withoutSqlParameters(error.message),
    ...Object.fromEntries(logged),
    ...(withStack ? { stack: withoutSqlParameters(error.stack) } : {}),
    ...(isRepeated && !withStack ? {} : { cause: cause && fieldsOf(cause, withStack) }),
    ...(error.aggregateErrors === undefined
      ? {}
      : { errors: error.aggregateErrors.map((one: SerializedError) => fieldsOf(one, withStack)) }),
  };
}

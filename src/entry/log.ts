/** The structured log: one JSON object a line on stdout; secrets are cut out wherever they could be. */

import { pino } from 'pino';

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

export function openLog(level: string): Logger {
  return pino({
    level,
    base: { service: 'postmeter' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: [...REDACTED, ...REDACTED.map((name) => `*.${name}`)], censor: '[redacted]' },
  });
}

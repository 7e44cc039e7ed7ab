/** The environment variables of Postmeter. They are validated once; other settings are in the configuration file. */

import { z } from 'zod';
import { redisNodes } from '../adapters/redis/nodes.ts';
import { upstreamUrlSchema } from '../config/schema.ts';
import { UsageError } from './usage-error.ts';

const port = (fallback: number) =>
  z.coerce.number().int().min(0).max(65_535, 'must be a port from 0 to 65535').default(fallback);
const databaseUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' });
const redisUrl = z
  .string()
  .regex(
    /^rediss?(\+cluster)?:\/\/\S+$/,
    'must be a redis://, rediss://, redis+cluster:// or rediss+cluster:// URL',
  )
  .refine((url) => redisNodes(url).every((node) => URL.canParse(node)), 'must name hosts and ports');

/** Standard Webhooks asks for 24 to 64 bytes. */
const webhookSecret = z
  .string()
  .regex(
    /^whsec_(?:[A-Za-z0-9+/]{4}){8,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
    'must be whsec_ and at least 24 bytes in base64',
  );

const environmentSchema = z.object({
  UPSTREAM: upstreamUrlSchema.optional(),
  PORT: port(8787),
  HOST: z.string().optional(),
  ADMIN_PORT: port(8788),
  ADMIN_HOST: z.string().default('127.0.0.1'),
  ADMIN_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  DATABASE_URL: databaseUrl.optional(),
  REDIS_URL: redisUrl.optional(),
  DATA_DIR: z.string().default('./data'),
  POSTMETER_CONFIG: z.string().optional(),
  POSTMETER_SECRET: z.string().min(16, 'must have at least 16 characters').optional(),
  RIGHTS_WEBHOOK_SECRET: webhookSecret.optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' }).optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export type Environment = z.output<typeof environmentSchema>;

/** Treats an empty variable as unset. Throws `UsageError` that names every invalid variable, never its value. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const set = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(set);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    parsed.error.issues
      .map((issue) => `environment variable ${issue.path.join('.')}: ${issue.message}`)
      .join('\n'),
  );
}

/** Reads configuration, upstream URL and secrets from the bindings, once per isolate. */

import { configText } from '../../adapters/edge/config-text.ts';
import { explainProblems, parseConfig } from '../../config/parse.ts';
import type { LoadedConfig } from '../config-file.ts';
import { readEnvironment } from '../environment.ts';
import { UsageError } from '../usage-error.ts';

/** The bindings that are text. */
export interface EdgeVariables {
  readonly UPSTREAM?: string;
  readonly ADMIN_TOKEN?: string;
  readonly POSTMETER_SECRET?: string;
  readonly RIGHTS_WEBHOOK_SECRET?: string;
  readonly POSTMETER_CONFIG?: string;
}

export interface EdgeSettings extends LoadedConfig {
  /** Undefined if neither the bindings nor the configuration name the platform. */
  readonly upstreamUrl: string | undefined;
  readonly adminToken: string | undefined;
  readonly keySecret: string | undefined;
  readonly rightsWebhookSecret: string | undefined;
}

/** Throws `UsageError` with the name, reason and hint of every invalid variable, and without secrets. */
export function readSettings({ POSTMETER_CONFIG, ...bindings }: EdgeVariables): EdgeSettings {
  const { UPSTREAM, ADMIN_TOKEN, POSTMETER_SECRET, RIGHTS_WEBHOOK_SECRET } = bindings;
  const env = readEnvironment({ UPSTREAM, ADMIN_TOKEN, POSTMETER_SECRET, RIGHTS_WEBHOOK_SECRET });
  const { name, text } = configText(POSTMETER_CONFIG);
  const parsed = parseConfig(text);
  if (!parsed.ok) throw new UsageError(explainProblems(name, parsed.problems));
  return {
    config: parsed.config,
    routes: parsed.routes,
    lacksRoutes: parsed.lacksRoutes,
    upstreamUrl: env.UPSTREAM ?? parsed.config.upstream.url,
    adminToken: env.ADMIN_TOKEN,
    keySecret: env.POSTMETER_SECRET,
    rightsWebhookSecret: env.RIGHTS_WEBHOOK_SECRET,
  };
}

/** What the bindings say, checked once an isolate: the configuration, the platform's URL and the secrets. */

import { configText } from '../../adapters/edge/config-text.ts';
import { explainProblems, parseConfig } from '../../config/parse.ts';
import type { LoadedConfig } from '../config-file.ts';
import { readEnvironment } from '../environment.ts';
import { UsageError } from '../usage-error.ts';

/** Of the bindings, those that are text. */
export interface EdgeVariables {
  readonly UPSTREAM?: string;
  readonly ADMIN_TOKEN?: string;
  readonly POSTMETER_SECRET?: string;
  readonly POSTMETER_CONFIG?: string;
}

export interface EdgeSettings extends LoadedConfig {
  /** Undefined where nobody names the platform. */
  readonly upstreamUrl: string | undefined;
  readonly adminToken: string | undefined;
  readonly keySecret: string | undefined;
}

/** Throws `UsageError` that names every variable at fault with reason and hint, and no secret. */
export function readSettings({ POSTMETER_CONFIG, ...bindings }: EdgeVariables): EdgeSettings {
  const { UPSTREAM, ADMIN_TOKEN, POSTMETER_SECRET } = bindings;
  const env = readEnvironment({ UPSTREAM, ADMIN_TOKEN, POSTMETER_SECRET });
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
  };
}

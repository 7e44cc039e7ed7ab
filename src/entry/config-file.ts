/** Reads the configuration file: the named one, or ./postmeter.config.json if it exists, or the defaults. */

import { existsSync, readFileSync } from 'node:fs';
import { explainProblems, parseConfig } from '../config/parse.ts';
import type { Config } from '../config/schema.ts';
import type { CompiledRoutes } from '../count/route/rule.ts';
import { UsageError } from './usage-error.ts';

const DEFAULT_FILE = './postmeter.config.json';

export interface LoadedConfig {
  readonly config: Config;
  readonly routes: CompiledRoutes;
  /** True if neither `platform` nor `routes` is set, not even `"routes": []`. */
  readonly lacksRoutes: boolean;
}

/** Throws `UsageError` if a gateway would count nothing with this configuration, unless it says `"routes": []`. */
export function demandRoutes({ lacksRoutes }: LoadedConfig): void {
  if (!lacksRoutes) return;
  throw new UsageError(
    'the configuration has no routes, so no post would be counted; set "platform" (for example "wordpress") or ' +
      '"routes" in the file that POSTMETER_CONFIG names; "routes": [] starts without counting bodies',
  );
}

/** Throws `UsageError` with the path, reason and hint of every fault. A named file must exist. */
export function readConfigFile(file: string | undefined): LoadedConfig {
  if (file === undefined && !existsSync(DEFAULT_FILE)) return parsed('the defaults', '{}');
  const name = file ?? DEFAULT_FILE;
  return parsed(name, readText(name));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${file}: cannot be read (${reason}); name a readable file in POSTMETER_CONFIG`, {
      cause,
    });
  }
}

function parsed(name: string, text: string): LoadedConfig {
  const result = parseConfig(text.replace(/^\uFEFF/, ''));
  if (result.ok) return result;
  throw new UsageError(explainProblems(name, result.problems));
}

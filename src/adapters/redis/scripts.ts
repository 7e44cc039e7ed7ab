/**
 * Loads the Lua scripts of the window store. Each is a file with its keys, arguments and output documented at the
 * top.
 */

import { readFileSync } from 'node:fs';
import type { RedisConnection } from './connect.ts';

const read = (name: string) => readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8');
const client = read('window');

/** Name of each command, its number of keys if fixed, and its script. */
const scripts = {
  pmAdd: { lua: client + read('add') },
  pmTotals: { lua: client + read('totals') },
  pmRestore: { lua: client + read('restore') },
  pmAdvance: { lua: read('advance'), numberOfKeys: 1 },
  pmBeginRebuild: { lua: read('begin-rebuild'), numberOfKeys: 2 },
  pmEndRebuild: { lua: read('end-rebuild'), numberOfKeys: 2 },
  pmEndLife: { lua: read('end-life'), numberOfKeys: 2 },
};

type Argument = string | number;

/** Scripts over clients take the number of keys first. */
export interface WindowScripts {
  pmAdd(keys: number, ...args: Argument[]): Promise<number[]>;
  pmTotals(keys: number, ...args: Argument[]): Promise<number[]>;
  pmRestore(keys: number, ...args: Argument[]): Promise<number>;
  pmAdvance(base: string, ...args: Argument[]): Promise<number>;
  pmBeginRebuild(base: string, claim: string, ...args: Argument[]): Promise<number>;
  pmEndRebuild(base: string, claim: string, ...args: Argument[]): Promise<number>;
  pmEndLife(base: string, claim: string, ...args: Argument[]): Promise<number>;
}

/** Defines the scripts as commands of the connection. Each is sent by its digest, or whole if the server lacks it. */
export function withScripts<T extends RedisConnection>(redis: T): T & WindowScripts {
  for (const [name, script] of Object.entries(scripts)) redis.defineCommand(name, script);
  return redis as T & WindowScripts;
}

/** The faults, one entry each: how to cause it on a site, and how to undo it. */

import { Redis } from 'ioredis';
import { copyOf } from './backup.ts';
import { withLedger } from './books.ts';
import { crash, halt } from './processes.ts';
import type { Chance } from './seed.ts';
import { type Network, ROLE, type Site } from './site.ts';
import { limitFiles } from './small-disk.ts';

export interface Fault {
  readonly name: string;
  /** Causes the fault. The returned function undoes it. */
  strike(site: Site, chance: Chance): Promise<() => Promise<void>>;
}

type Which = (site: Site, chance: Chance) => number;

export const gatewayKilled: Fault = killing(anyAt);

/** @param which selects the gateway by its index. */
export function killing(which: Which): Fault {
  return {
    name: 'a gateway is killed',
    strike: async (site, chance) => {
      const at = which(site, chance);
      await site.gateways[at]!.kill();
      return () => site.restart(at);
    },
  };
}

/** The disk of a gateway accepts no more bytes. If the gateway refuses requests in that state, clients see errors. */
export function fillingDisk(which: Which): Fault {
  return {
    name: "a gateway's disk is full",
    strike: async (site, chance) => {
      const pid = site.gateways[which(site, chance)]!.process.pid!;
      limitFiles(pid, '1');
      return async () => limitFiles(pid, 'unlimited');
    },
  };
}

export const gatewayHalted: Fault = {
  name: 'a gateway is halted',
  strike: async (site, chance) => {
    const goOn = halt(site.gateways[anyAt(site, chance)]!.process.pid!);
    return async () => goOn();
  },
};

export const postgresKilled: Fault = {
  name: 'PostgreSQL is killed',
  strike: async ({ postgres }) => {
    await crash(postgres);
    return () => postgres.revive();
  },
};

export const postgresHalted: Fault = {
  name: 'PostgreSQL is halted',
  strike: async ({ postgres }) => {
    const goOn = halt(postgres.pid());
    return async () => goOn();
  },
};

/** Replaces the ledger with a copy that was made a moment ago. */
export const ledgerSetBack: Fault = {
  name: 'the ledger loses its last seconds',
  strike: async ({ postgres }) => copyOf(postgres),
};

/** Redis restarts empty. */
export const redisKilled: Fault = {
  name: 'Redis is killed',
  strike: async ({ redis }) => {
    await crash(redis);
    return () => redis.revive();
  },
};

export const redisHalted: Fault = {
  name: 'Redis is halted',
  strike: async ({ redis }) => {
    const goOn = halt(redis.pid());
    return async () => goOn();
  },
};

const postgresReadOnly: Fault = {
  name: 'PostgreSQL is read-only',
  strike: async ({ databaseUrl }) => {
    await administer(databaseUrl, "alter system set default_transaction_read_only = 'on'");
    return () => administer(databaseUrl, 'alter system reset default_transaction_read_only');
  },
};

const postgresFull: Fault = {
  name: 'no connection to PostgreSQL is left',
  strike: async ({ databaseUrl }, chance) => {
    await administer(databaseUrl, `alter role ${ROLE} connection limit ${chance.between(0, 2)}`);
    await endConnections(databaseUrl);
    return () => administer(databaseUrl, `alter role ${ROLE} connection limit -1`);
  },
};

const postgresRefusesAll: Fault = {
  name: 'PostgreSQL refuses logins',
  strike: async ({ databaseUrl }) => {
    await administer(databaseUrl, `alter role ${ROLE} nologin`);
    await endConnections(databaseUrl);
    return () => administer(databaseUrl, `alter role ${ROLE} login`);
  },
};

const connectionsEnded: Fault = {
  name: 'connections to PostgreSQL are ended',
  strike: async ({ databaseUrl }) => {
    await endConnections(databaseUrl);
    return async () => {};
  },
};

const redisFlushed: Fault = {
  name: 'Redis is flushed',
  strike: async ({ redis }) => {
    await tell(redis.url, ['FLUSHALL']);
    return async () => {};
  },
};

const redisFull: Fault = {
  name: 'Redis is out of memory',
  strike: async ({ redis }) => {
    await tell(redis.url, ['CONFIG', 'SET', 'maxmemory', '1']);
    return () => tell(redis.url, ['CONFIG', 'SET', 'maxmemory', '0']);
  },
};

const redisReadOnly: Fault = {
  name: 'Redis has become a replica',
  strike: async ({ redis }) => {
    // The primary does not exist, so Redis keeps its data and refuses writes.
    await tell(redis.url, ['REPLICAOF', '127.0.0.1', '1']);
    return () => tell(redis.url, ['REPLICAOF', 'NO', 'ONE']);
  },
};

const redisPaused: Fault = {
  name: 'Redis is slow to write',
  strike: async ({ redis }) => {
    await tell(redis.url, ['CLIENT', 'PAUSE', '10000', 'WRITE']);
    return () => tell(redis.url, ['CLIENT', 'UNPAUSE']);
  },
};

/** The faults of the network between a gateway and a server. */
function networkFaults(name: string, of: keyof Network): Fault[] {
  const fault = (what: string, strike: (proxy: Network[typeof of]) => void | Promise<void>): Fault => ({
    name: `the network to ${name} ${what}`,
    strike: async (site, chance) => {
      const proxy = chance.pick(site.networks)[of];
      await strike(proxy);
      return () => proxy.heal();
    },
  });
  return [
    fault('is cut', (proxy) => proxy.cut()),
    fault('refuses', (proxy) => proxy.refuse()),
    fault('is silent', (proxy) => proxy.stall()),
    fault('is slow', (proxy) => proxy.delay(100)),
    fault('halves packets', (proxy) => proxy.halve()),
  ];
}

/** Excludes kills and halts, which have their own tests. */
export const POSTGRES_FAULTS: readonly Fault[] = [
  postgresReadOnly,
  postgresFull,
  postgresRefusesAll,
  connectionsEnded,
  ...networkFaults('PostgreSQL', 'ledger'),
];

export const REDIS_FAULTS: readonly Fault[] = [
  redisFlushed,
  redisFull,
  redisReadOnly,
  redisPaused,
  ...networkFaults('Redis', 'windows'),
];

export const ALL_FAULTS: readonly Fault[] = [
  gatewayKilled,
  gatewayHalted,
  postgresKilled,
  postgresHalted,
  redisKilled,
  redisHalted,
  ...POSTGRES_FAULTS,
  ...REDIS_FAULTS,
];

function anyAt(site: Site, chance: Chance): number {
  return chance.between(0, site.gateways.length - 1);
}

/** Runs a statement that works even if everything is read-only. */
function administer(databaseUrl: string, statement: string): Promise<void> {
  return withLedger(databaseUrl, async (sql) => {
    await sql.unsafe("set default_transaction_read_only = 'off'");
    await sql.unsafe(statement);
    await sql`select pg_reload_conf()`;
  });
}

function endConnections(databaseUrl: string): Promise<void> {
  return withLedger(databaseUrl, async (sql) => {
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${ROLE}`;
  });
}

async function tell(url: string, [command, ...args]: readonly [string, ...string[]]): Promise<void> {
  const redis = new Redis(url);
  try {
    await redis.call(command, ...args);
  } finally {
    redis.disconnect();
  }
}

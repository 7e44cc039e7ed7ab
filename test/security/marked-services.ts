/** Accounts on the run's PostgreSQL and Redis, whose passwords a test recognises anywhere. */

import { readFileSync, writeFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { inject } from 'vitest';

export interface MarkedAccount {
  /** Returns the given URL with this account and its password. */
  urlOf(url: string): string;
  /** Changes the password, and disconnects every session of the account. */
  lockOut(): Promise<void>;
  /** Sets the first password again. */
  letIn(): Promise<void>;
  drop(): Promise<void>;
}

function withAccount(url: string, name: string, password: string): string {
  const marked = new URL(url);
  marked.username = name;
  marked.password = password;
  return marked.href;
}

/** Creates a superuser of PostgreSQL that has to log in (SCRAM). The others of this server need no password. */
export async function markedPostgres(name: string, password: string): Promise<MarkedAccount> {
  const url = inject('postgresUrl');
  const demand = `host all ${name} 127.0.0.1/32 scram-sha-256\n`;
  const asSuperuser = async (...statements: string[]) => {
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    try {
      for (const statement of statements) await sql.unsafe(statement);
    } finally {
      await sql.end();
    }
  };
  const editRules = async (edit: (rules: string) => string) => {
    const sql = postgres(url, { max: 1 });
    const [{ hba_file: file }] = (await sql`show hba_file`) as unknown as [{ hba_file: string }];
    await sql.end();
    writeFileSync(file, edit(readFileSync(file, 'utf8')));
    await asSuperuser('select pg_reload_conf()');
  };
  await asSuperuser(`create role ${name} superuser login password '${password}'`);
  await editRules((rules) => demand + rules);
  return {
    urlOf: (database) => withAccount(database, name, password),
    lockOut: () =>
      asSuperuser(
        `alter role ${name} password 'changed'`,
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${name}'`,
      ),
    letIn: () => asSuperuser(`alter role ${name} password '${password}'`),
    async drop() {
      await editRules((rules) => rules.replace(demand, ''));
      await asSuperuser(`reassign owned by ${name} to postgres`, `drop role ${name}`);
    },
  };
}

/** Creates a user of Redis with all rights. */
export async function markedRedis(name: string, password: string): Promise<MarkedAccount> {
  const asDefault = async (...commands: ReadonlyArray<readonly [string, ...string[]]>) => {
    const redis = new Redis(inject('redisUrl'));
    try {
      for (const [command, ...rest] of commands) await redis.call(command, ...rest);
    } finally {
      redis.disconnect();
    }
  };
  await asDefault(['ACL', 'SETUSER', name, 'on', `>${password}`, '~*', '&*', '+@all']);
  return {
    urlOf: (database) => withAccount(database, name, password),
    lockOut: () =>
      asDefault(['ACL', 'SETUSER', name, 'resetpass', '>changed'], ['CLIENT', 'KILL', 'USER', name]),
    letIn: () => asDefault(['ACL', 'SETUSER', name, 'resetpass', `>${password}`]),
    drop: () => asDefault(['ACL', 'DELUSER', name]),
  };
}

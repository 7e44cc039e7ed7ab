/** What `postmeter doctor` finds out about a machine before the rules judge it. Times are milliseconds. */

/** A part that could not be reached or read, and why. */
export interface Unknown {
  readonly failure: string;
}

export interface DatabaseFacts {
  /** `server_version_num`, such as 170004. */
  readonly version: number;
  /** Migrations of this version of Postmeter that the ledger lacks. */
  readonly missingMigrations: number;
  /** Whether the role may create tables in the schema `public`. */
  readonly canCreate: boolean;
  readonly isReplica: boolean;
  /** Settings without which a commit may be lost in a power failure. */
  readonly fsync: boolean;
  readonly synchronousCommit: boolean;
  readonly roundTripMs: number;
  /** The machine's clock less the database's. */
  readonly skewMs: number;
}

export interface RedisFacts {
  /** `redis_version`. */
  readonly version: string;
  /** Whether a server has a limit of memory and a policy that evicts keys. */
  readonly mayEvict: boolean;
  readonly roundTripMs: number;
}

export interface PlatformFacts {
  readonly url: string;
  readonly status: number;
  readonly roundTripMs: number;
}

export interface DiskFacts {
  readonly folder: string;
  readonly isWritable: boolean;
  readonly freeBytes: number;
  /** Whether it is a network file system, which may not keep the lock of a journal. */
  readonly isNetwork: boolean;
}

export interface ConfigFacts {
  readonly routes: number;
  /** Whether the configuration names neither a platform nor routes, which prevents a start. */
  readonly lacksRoutes: boolean;
  readonly maxConnections: number;
  readonly upstreamConnections: number;
  readonly journalMaxBytes: number;
  readonly maxSkewSeconds: number;
}

export interface DoctorFacts {
  /** `process.versions.node`. */
  readonly node: string;
  readonly hasAdminToken: boolean;
  readonly hasSecret: boolean;
  readonly config: ConfigFacts | Unknown;
  /** Null: the ledger is embedded. */
  readonly database: DatabaseFacts | Unknown | null;
  /** Null: windows are kept in the process. */
  readonly redis: RedisFacts | Unknown | null;
  /** Null: no platform is named. */
  readonly platform: PlatformFacts | Unknown | null;
  readonly disk: DiskFacts | Unknown;
  /** Soft limit of open files; null if it is unknown or unlimited. */
  readonly maxFiles: number | null;
}

/** Column types that the tables of the ledger share. */

import { bigint, customType, timestamp } from 'drizzle-orm/pg-core';

/** A point in time, UTC. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
/** A count below 2^53. */
export const count = (name: string) => bigint(name, { mode: 'number' });
/** An amount in minor units. */
export const money = (name: string) => bigint(name, { mode: 'bigint' });
export const bytes = customType<{ data: Buffer; driverData: Uint8Array }>({
  dataType: () => 'bytea',
  // PGlite returns a plain Uint8Array.
  fromDriver: (value) => Buffer.from(value),
});

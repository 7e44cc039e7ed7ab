/** Which clients a what-if covers. Address ranges are never billed and never covered. */

import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { WhatIfTask } from '../../../whatif/port.ts';
import { clients, tariffVersions } from '../schema.ts';
import { notRetired } from '../tariff-rows.ts';

/** A condition on the rows of `clients`. */
export function isCovered({ scope, toMs }: Pick<WhatIfTask, 'scope' | 'toMs'>): SQL | undefined {
  if (typeof scope.clients !== 'string') return inArray(clients.id, [...scope.clients]);
  const sources = scope.callers ? (['operator', 'address'] as const) : (['operator'] as const);
  const isOfSource = inArray(clients.source, [...sources]);
  return scope.clients === 'all' ? isOfSource : and(isOfSource, followsDefault(toMs));
}

/** True for clients whose own tariff, if they have one, returns them to the default tariff at `atMs`. */
function followsDefault(atMs: number): SQL {
  const at = sql`${new Date(atMs).toISOString()}::timestamptz`;
  return sql`coalesce((
    select ${tariffVersions.terms} is null or jsonb_typeof(${tariffVersions.terms}) = 'null'
    from ${tariffVersions}
    where ${eq(tariffVersions.clientId, clients.id)} and ${tariffVersions.validFrom} <= ${at} and ${notRetired}
    order by ${tariffVersions.validFrom} desc, ${tariffVersions.version} desc limit 1), true)`;
}

/** Verdicts of reverse DNS in the ledger. */

import { and, desc, eq, gt, lt, sql } from 'drizzle-orm';
import type { AddressVerdictRecord, VerdictPages } from '../../../admin/agents/port.ts';
import type { Page, PageRequest } from '../../../admin/port.ts';
import type { VerdictStore } from '../../../identify/reverse-dns/port.ts';
import { pageOf, rowsAsked } from '../admin/page.ts';
import { type LedgerDb, orLedgerFailure } from '../connection/db.ts';
import { agentVerdicts } from './tables.ts';

export function agentVerdictStore(db: LedgerDb): VerdictStore & VerdictPages {
  return {
    find: (address, agent, nowMs) =>
      orLedgerFailure('a verdict cannot be read', findVerdict(db, address, agent, nowMs)),
    save: async (address, agent, { result, names, checkedAtMs, untilMs }) => {
      if (result === 'error') return;
      const row = {
        verdict: result,
        names: [...names],
        checkedAt: new Date(checkedAtMs),
        untilAt: new Date(untilMs),
      };
      await orLedgerFailure(
        'a verdict cannot be stored',
        db
          .insert(agentVerdicts)
          .values({ address, agent, ...row })
          .onConflictDoUpdate({ target: [agentVerdicts.address, agentVerdicts.agent], set: row })
          .then(() => {}),
      );
    },
    tidy: (beforeMs) =>
      orLedgerFailure(
        'old verdicts cannot be deleted',
        db
          .delete(agentVerdicts)
          .where(lt(agentVerdicts.untilAt, new Date(beforeMs)))
          .then(() => {}),
      ),
    verdicts: (agent, page) => orLedgerFailure('verdicts cannot be read', verdictsOf(db, agent, page)),
  };
}

async function findVerdict(
  db: LedgerDb,
  address: string,
  agent: string,
  nowMs: number,
): Promise<AddressVerdictRecord | null> {
  const holds = gt(agentVerdicts.untilAt, new Date(nowMs));
  const isIt = and(eq(agentVerdicts.address, address), eq(agentVerdicts.agent, agent), holds);
  const [row] = await db.select().from(agentVerdicts).where(isIt);
  return row === undefined ? null : recordOf(row);
}

async function verdictsOf(
  db: LedgerDb,
  agent: string,
  page: PageRequest,
): Promise<Page<AddressVerdictRecord>> {
  const [afterMs, afterAddress] = page.after?.split(' ') ?? [];
  const isAfter =
    afterMs === undefined
      ? undefined
      : sql`(${agentVerdicts.checkedAt}, ${agentVerdicts.address}) <
            (${new Date(Number(afterMs)).toISOString()}::timestamptz, ${afterAddress ?? ''})`;
  const rows = await db
    .select()
    .from(agentVerdicts)
    .where(and(eq(agentVerdicts.agent, agent), isAfter))
    .orderBy(desc(agentVerdicts.checkedAt), desc(agentVerdicts.address))
    .limit(rowsAsked(page));
  return pageOf(rows, page, recordOf, (row) => `${row.checkedAt.getTime()} ${row.address}`);
}

function recordOf({ checkedAt, untilAt, verdict, ...row }: typeof agentVerdicts.$inferSelect) {
  return {
    ...{ address: row.address, result: verdict, names: row.names },
    ...{ checkedAtMs: checkedAt.getTime(), untilMs: untilAt.getTime() },
  };
}

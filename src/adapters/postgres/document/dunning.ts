/** Reads what the letter of a dunning is drawn from: the invoice as issued, and its book up to the letter. */

import { and, asc, eq, lte } from 'drizzle-orm';
import type { DunningBasis } from '../../../document/port.ts';
import { utcDateOf } from '../../../receivable/date.ts';
import { LANGUAGES } from '../../../seller/language.ts';
import { withLines } from '../billing/account.ts';
import type { LedgerDb } from '../connection/db.ts';
import { dunnings, entries } from '../receivable/tables.ts';
import { invoices } from '../schema.ts';
import { dunningLevels } from '../seller/tables.ts';
import { logoOf } from './claim.ts';

/** Null if there is no such dunning, or if its invoice is older than documents. */
export async function dunningBasis(tx: LedgerDb, dunningId: string): Promise<DunningBasis | null> {
  const rows = await tx
    .select({ dunning: dunnings, invoice: invoices })
    .from(dunnings)
    .innerJoin(invoices, eq(invoices.id, dunnings.invoiceId))
    .where(eq(dunnings.id, dunningId));
  const [row] = rows;
  if (row === undefined) return null;
  const { dunning } = row;
  const [invoice] = await withLines(tx, [row.invoice]);
  if (invoice === undefined || invoice.document === null) return null;
  const book = await tx
    .select()
    .from(entries)
    .where(and(eq(entries.invoiceId, invoice.id), lte(entries.at, dunning.at)))
    .orderBy(asc(entries.id));
  const [level] = await tx
    .select()
    .from(dunningLevels)
    .where(
      and(eq(dunningLevels.sellerId, invoice.document.seller.id), eq(dunningLevels.level, dunning.level)),
    );
  return {
    input: {
      kind: 'dunning',
      ...{ invoice, document: invoice.document, level: dunning.level },
      atMs: dunning.at.getTime(),
      writtenOn: utcDateOf(dunning.at.getTime()),
      logo: await logoOf(tx, invoice.document.logo),
      entries: book.map(({ at, ...entry }) => ({ ...entry, atMs: at.getTime() })),
      balanceMinor: book.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
    },
    texts: Object.fromEntries(
      LANGUAGES.flatMap((language) => {
        const { title, text } = level ?? { title: {}, text: {} };
        const titled = title[language];
        const worded = text[language];
        return titled === undefined || worded === undefined
          ? []
          : [[language, { title: titled, text: worded }]];
      }),
    ),
    contentHash: row.invoice.contentHash,
  };
}

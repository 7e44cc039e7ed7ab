/** The register of invoice numbers, in the storage of the object that issues invoices at the edge. */

import type { SqlStorage } from '@cloudflare/workers-types';
import type { NumberRegister, RegisteredNumber } from '../../../invoice/register.ts';

type Row = {
  number: number;
  invoice_id: string;
  content_hash: string | null;
  issued_at_ms: number;
  is_given: number;
};

/** @param sync resolves when everything written is on disk. */
export function sqlNumberRegister(sql: SqlStorage, sync: () => Promise<void>): NumberRegister {
  sql.exec(`create table if not exists invoice_numbers (
    number integer primary key, invoice_id text not null, content_hash text, issued_at_ms integer not null,
    is_given integer not null) without rowid`);
  return {
    read: async () =>
      new Map(
        sql
          .exec<Row>('select * from invoice_numbers')
          .toArray()
          .map((row) => [row.number, entryOf(row)]),
      ),
    write: async (numbers) => {
      for (const { number, invoiceId, contentHash, issuedAtMs, isGiven } of numbers) {
        sql.exec(
          `insert into invoice_numbers values (?, ?, ?, ?, ?) on conflict (number) do update set
             invoice_id = excluded.invoice_id, content_hash = excluded.content_hash,
             issued_at_ms = excluded.issued_at_ms, is_given = excluded.is_given
           where is_given = 0`,
          ...[number, invoiceId, contentHash, issuedAtMs, isGiven ? 1 : 0],
        );
      }
      await sync();
    },
  };
}

function entryOf(row: Row): RegisteredNumber {
  return {
    number: row.number,
    invoiceId: row.invoice_id,
    contentHash: row.content_hash,
    issuedAtMs: row.issued_at_ms,
    isGiven: row.is_given === 1,
  };
}

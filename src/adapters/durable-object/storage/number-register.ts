/** The register of invoice numbers, in the storage of the object that issues invoices at the edge. */

import type { SqlStorage } from '@cloudflare/workers-types';
import { type NumberRegister, type RegisteredNumber, register } from '../../../invoice/register.ts';
import { DEFAULT_SERIES } from '../../../seller/model.ts';

type Row = {
  series: string;
  number: number;
  invoice_id: string;
  content_hash: string | null;
  issued_at_ms: number;
  is_given: number;
};

/** @param sync resolves when everything written is on disk. */
export function sqlNumberRegister(sql: SqlStorage, sync: () => Promise<void>): NumberRegister {
  sql.exec(`create table if not exists series_numbers (
    series text not null, number integer not null, invoice_id text not null, content_hash text,
    issued_at_ms integer not null, is_given integer not null, primary key (series, number)) without rowid`);
  takeOldEntries(sql);
  return {
    read: async () => {
      const known = new Map<string, Map<number, RegisteredNumber>>();
      for (const row of sql.exec<Row>('select * from series_numbers').toArray())
        register(known, entryOf(row));
      return known;
    },
    write: async (numbers) => {
      for (const { series, number, invoiceId, contentHash, issuedAtMs, isGiven } of numbers) {
        sql.exec(
          `insert into series_numbers values (?, ?, ?, ?, ?, ?) on conflict (series, number) do update set
             invoice_id = excluded.invoice_id, content_hash = excluded.content_hash,
             issued_at_ms = excluded.issued_at_ms, is_given = excluded.is_given
           where is_given = 0`,
          ...[series, number, invoiceId, contentHash, issuedAtMs, isGiven ? 1 : 0],
        );
      }
      await sync();
    },
  };
}

/** The table of versions that knew one series. Its entries are those of the default series. */
function takeOldEntries(sql: SqlStorage): void {
  const old = sql.exec("select 1 from sqlite_master where type = 'table' and name = 'invoice_numbers'");
  if (old.toArray().length === 0) return;
  sql.exec(
    `insert or ignore into series_numbers
     select ?, number, invoice_id, content_hash, issued_at_ms, is_given from invoice_numbers`,
    DEFAULT_SERIES,
  );
  sql.exec('drop table invoice_numbers');
}

function entryOf(row: Row): RegisteredNumber {
  return {
    series: row.series,
    number: row.number,
    invoiceId: row.invoice_id,
    contentHash: row.content_hash,
    issuedAtMs: row.issued_at_ms,
    isGiven: row.is_given === 1,
  };
}

/** The records of a journal as rows of a Durable Object's SQLite storage. A long record has several rows. */

import type { SqlStorage } from '@cloudflare/workers-types';
import type { JournalRecord } from '../../../meter/port.ts';
import { parsePayload, payloadOf } from '../../../meter/record-payload.ts';
import { scalar } from './sql.ts';
import { joinText, splitText } from './text.ts';

/**
 * Bytes of records per read. An isolate has 128 MB for all its objects, and a parsed record takes a few times its bytes.
 */
const MAX_READ_BYTES = 4_000_000;

/** Where the usage of a record came from. */
export interface RecordSource {
  readonly producerId: string;
  /** The producer's own sequence. */
  readonly sequence: number;
  /** Time of arrival, epoch milliseconds UTC. */
  readonly atMs: number;
}

/** A record as the object stores it. The ledger does not get the source. */
export interface StoredRecord extends JournalRecord {
  readonly source?: RecordSource;
}

type Row = {
  readonly sequence: number;
  readonly payload: ArrayBuffer;
  readonly sender: string | null;
  readonly sender_sequence: number;
  readonly at_ms: number;
};

export class SqlRecords {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`create table if not exists journal_records (
      sequence integer not null, piece integer not null, payload blob not null,
      sender text, sender_sequence integer, at_ms integer, primary key (sequence, piece)
    ) without rowid`);
  }

  /** The lowest sequence; 0 if there are no records. */
  get oldest(): number {
    return scalar(this.#sql, 'select min(sequence) as number from journal_records');
  }

  /** The highest sequence; 0 if there are no records. */
  get newest(): number {
    return scalar(this.#sql, 'select max(sequence) as number from journal_records');
  }

  add({ sequence, usage, gap, configuration, epoch, source }: StoredRecord): void {
    let piece = 0;
    for (const payload of splitText(payloadOf(usage, gap, configuration, epoch))) {
      this.#sql.exec(
        `insert into journal_records (sequence, piece, payload, sender, sender_sequence, at_ms)
         values (?, ?, ?, ?, ?, ?)`,
        sequence,
        piece++,
        payload,
        source?.producerId ?? null,
        source?.sequence ?? null,
        source?.atMs ?? null,
      );
    }
  }

  /** Returns records oldest first: up to `maxRecords`, fewer if they are large. */
  read(afterSequence: number, maxRecords: number): StoredRecord[] {
    const rows = this.#sql
      .exec<Row>(
        `select sequence, payload, sender, sender_sequence, at_ms from journal_records
         where sequence > ? and sequence <= ? order by sequence, piece`,
        afterSequence,
        this.#endOfRead(afterSequence, maxRecords),
      )
      .toArray();
    const records: StoredRecord[] = [];
    for (let at = 0; at < rows.length; ) {
      const first = rows[at]!;
      const { sequence } = first;
      const pieces: ArrayBuffer[] = [];
      for (; rows[at]?.sequence === sequence; at++) pieces.push(rows[at]!.payload);
      records.push({ sequence, ...parsePayload(joinText(pieces)), ...sourceOf(first) });
    }
    return records;
  }

  /** Deletes the records up to this sequence. */
  deleteUpTo(upTo: number): void {
    this.#sql.exec('delete from journal_records where sequence <= ?', upTo);
  }

  #endOfRead(afterSequence: number, maxRecords: number): number {
    let upTo = afterSequence;
    let bytes = 0;
    const sizes = this.#sql.exec<{ sequence: number; bytes: number }>(
      `select sequence, sum(length(payload)) as bytes from journal_records where sequence > ?
       group by sequence order by sequence limit ?`,
      afterSequence,
      maxRecords,
    );
    for (const row of sizes.toArray()) {
      bytes += row.bytes;
      if (upTo > afterSequence && bytes > MAX_READ_BYTES) break;
      upTo = row.sequence;
    }
    return upTo;
  }
}

function sourceOf({ sender, sender_sequence, at_ms }: Row): Pick<StoredRecord, 'source'> {
  return sender === null ? {} : { source: { producerId: sender, sequence: sender_sequence, atMs: at_ms } };
}

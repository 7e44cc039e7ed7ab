/** The records of a journal as rows of a Durable Object's SQLite storage, in pieces where one is long. */

import type { SqlStorage } from '@cloudflare/workers-types';
import type { JournalGap } from '../../../meter/gaps.ts';
import type { JournalRecord, MeteringConfiguration } from '../../../meter/port.ts';
import { parsePayload, payloadOf } from '../../../meter/record-payload.ts';
import type { Usage } from '../../../meter/usage.ts';
import { numberOf } from './number-of.ts';
import { joinPieces, piecesOf } from './text-pieces.ts';

/** Read at once: an isolate has 128 MB for all its objects, and a record takes a few times its bytes. */
const READ_BYTES = 4_000_000;

/** Which usage of which isolate a record holds, and when it came (epoch milliseconds UTC). */
export interface RecordSource {
  readonly sender: string;
  /** Of the sender. */
  readonly sequence: number;
  readonly atMs: number;
}

/** A record as the object keeps it; the ledger is not given the source. */
export interface KeptRecord extends JournalRecord {
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

  /** 0 where there is none. */
  get oldest(): number {
    return numberOf(this.#sql, 'select min(sequence) as number from journal_records');
  }

  /** 0 where there is none. */
  get newest(): number {
    return numberOf(this.#sql, 'select max(sequence) as number from journal_records');
  }

  add(
    sequence: number,
    usage: readonly Usage[],
    gap: JournalGap | undefined,
    configuration: MeteringConfiguration | undefined,
    source: RecordSource | undefined,
  ): void {
    let piece = 0;
    for (const payload of piecesOf(payloadOf(usage, gap, configuration))) {
      this.#sql.exec(
        `insert into journal_records (sequence, piece, payload, sender, sender_sequence, at_ms)
         values (?, ?, ?, ?, ?, ?)`,
        sequence,
        piece++,
        payload,
        source?.sender ?? null,
        source?.sequence ?? null,
        source?.atMs ?? null,
      );
    }
  }

  /** Oldest first; fewer than `maxRecords` where they hold much. */
  read(afterSequence: number, maxRecords: number): KeptRecord[] {
    const rows = this.#sql
      .exec<Row>(
        `select sequence, payload, sender, sender_sequence, at_ms from journal_records
         where sequence > ? and sequence <= ? order by sequence, piece`,
        afterSequence,
        this.#endOfRead(afterSequence, maxRecords),
      )
      .toArray();
    const records: KeptRecord[] = [];
    for (let at = 0; at < rows.length; ) {
      const first = rows[at]!;
      const { sequence } = first;
      const pieces: ArrayBuffer[] = [];
      for (; rows[at]?.sequence === sequence; at++) pieces.push(rows[at]!.payload);
      records.push({ sequence, ...parsePayload(joinPieces(pieces)), ...sourceOf(first) });
    }
    return records;
  }

  drop(upTo: number): void {
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
      if (upTo > afterSequence && bytes > READ_BYTES) break;
      upTo = row.sequence;
    }
    return upTo;
  }
}

function sourceOf({ sender, sender_sequence, at_ms }: Row): Pick<KeptRecord, 'source'> {
  return sender === null ? {} : { source: { sender, sequence: sender_sequence, atMs: at_ms } };
}

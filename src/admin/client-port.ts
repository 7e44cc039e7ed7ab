/** The ports of one client's page: what it took bucket by bucket, and what people noted about it. */

import type { Breach } from '../invoice/model.ts';
import type { DeliveriesAt } from '../tariff/posts.ts';
import type { Actor, GapRecord, Page, PageRequest } from './port.ts';

export interface ClientHistory {
  /** Posts of a client by bucket in [fromMs, toMs), in order of time. */
  served(clientId: string, fromMs: number, toMs: number): Promise<readonly DeliveriesAt[]>;
  /** Breaches of a client that overlap [fromMs, toMs), oldest first. Void ones are left out. */
  breachesIn(clientId: string, fromMs: number, toMs: number): Promise<readonly Breach[]>;
  /** Unmetered traffic of all gateways that overlaps [fromMs, toMs), oldest first. */
  gapsIn(fromMs: number, toMs: number): Promise<readonly GapRecord[]>;
}

export interface NoteRecord {
  readonly id: string;
  readonly clientId: string;
  readonly atMs: number;
  readonly author: string;
  readonly text: string;
}

export interface NoteStore {
  /** Returns null if the client does not exist. Notes are never changed or deleted. */
  addNote(note: Pick<NoteRecord, 'id' | 'clientId' | 'text'>, who: Actor): Promise<NoteRecord | null>;
  /** Newest first. */
  notes(clientId: string, page: PageRequest): Promise<Page<NoteRecord>>;
}

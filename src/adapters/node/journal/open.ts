/** Opens a journal's folder: completes an interrupted repair, scans and syncs the segments, and creates the parts. */

import { randomUUID } from 'node:crypto';
import { DamageLog } from './damage.ts';
import { readConfirmed, readOrMakeIdentity } from './folder.ts';
import type { FileJournalOptions, JournalContext } from './options.ts';
import { SegmentReader } from './reader.ts';
import { RecentRecords } from './recent-cache.ts';
import { RecordEncoder } from './record.ts';
import { finishRepair, repairIfRequested } from './repair.ts';
import { Retention } from './retention.ts';
import { type ScanEvents, scanFolder, writtenSinceMs } from './scan.ts';
import { Segments } from './segments.ts';
import { JournalSync } from './sync.ts';
import { JournalWriter, newSegment } from './writer.ts';

const DAY_MS = 86_400_000;
const GIBIBYTE = 1024 ** 3;
const MEBIBYTE = 1024 ** 2;

/** The parts of an open journal. */
export interface JournalParts {
  readonly id: string;
  readonly maxBytes: number;
  readonly encoder: RecordEncoder;
  readonly recent: RecentRecords;
  readonly damage: DamageLog;
  readonly reader: SegmentReader;
  readonly segments: Segments;
  readonly writer: JournalWriter;
  readonly retention: Retention;
  readonly sync: JournalSync;
}

/** Throws `JournalError` `journal_damaged`, and disk errors. */
export function openParts(context: JournalContext, options: FileJournalOptions): JournalParts {
  const { disk, folder } = context;
  const { maxBytes = GIBIBYTE, retainMs = DAY_MS, segmentBytes = 8 * MEBIBYTE } = options;
  const { onTornTail = () => {}, onDamage = () => {} } = options;
  const id = readOrMakeIdentity(disk, folder, options.newId ?? randomUUID);
  const confirmed = readConfirmed(disk, folder);
  const damage = new DamageLog(context, onDamage);
  const note = damage.add.bind(damage);
  const { segments, lastSequence } = openSegments(context, confirmed, { onTornTail, onDamage: note });
  const writer = new JournalWriter(context, segments, segmentBytes, lastSequence);
  const retention = new Retention(context, writer, { maxBytes, retainMs }, confirmed);
  const recent = new RecentRecords(options.recordsInMemory ?? 65_536);
  const encoder = new RecordEncoder();
  const sync = new JournalSync(context, { writer, retention, recent, encoder });
  const reader = new SegmentReader(disk, note);
  return { id, maxBytes, encoder, recent, damage, reader, segments, writer, retention, sync };
}

interface OpenedSegments {
  readonly segments: Segments;
  readonly lastSequence: number;
}

/** @param confirmed last saved sequence that the ledger has confirmed. Segments up to it are not read. */
function openSegments(context: JournalContext, confirmed: number, events: ScanEvents): OpenedSegments {
  const { disk, folder, nowMs } = context;
  finishRepair(disk, folder);
  const scanned = scanFolder(disk, folder, confirmed, events);
  repairIfRequested(disk, folder, scanned.unconfirmed);
  // Syncs what the last process wrote but did not sync, before any of it is read.
  for (const { path } of scanned.unconfirmed) {
    const fd = disk.openToAppend(path);
    try {
      disk.sync(fd);
    } finally {
      disk.close(fd);
    }
  }
  const list = scanned.segments;
  if (list.length === 0) list.push(newSegment(folder, scanned.lastSequence + 1, nowMs()));
  return {
    segments: new Segments(disk, folder, list, writtenSinceMs(disk, list[0]!)),
    lastSequence: scanned.lastSequence,
  };
}

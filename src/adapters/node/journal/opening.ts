/** Opens a journal's folder: finishes what a crash left half done, has all that is there on the disk, and goes on from there. */

import { randomUUID } from 'node:crypto';
import { KnownDamage } from './damage.ts';
import { JournalEnd, newSegment } from './end.ts';
import { readConfirmed, readOrMakeIdentity } from './folder.ts';
import type { FileJournalOptions, JournalGround } from './options.ts';
import { SegmentReader } from './reader.ts';
import { RecentRecords } from './recent-cache.ts';
import { RecordEncoder } from './record.ts';
import { finishRepair, repairIfRequested } from './repair.ts';
import { Retention } from './retention.ts';
import { type ScanEvents, scanFolder, writtenSinceMs } from './scan.ts';
import { Segments } from './segments.ts';
import { JournalSync } from './sync.ts';

const dayMs = 86_400_000;
const gibibyte = 1024 ** 3;
const mebibyte = 1024 ** 2;

/** What an open journal is made of. */
export interface JournalParts {
  readonly id: string;
  readonly maxBytes: number;
  readonly encoder: RecordEncoder;
  readonly recent: RecentRecords;
  readonly damage: KnownDamage;
  readonly reader: SegmentReader;
  readonly segments: Segments;
  readonly end: JournalEnd;
  readonly retention: Retention;
  readonly sync: JournalSync;
}

/** Throws `JournalError` `journal_damaged`, or as the disk does. */
export function openParts(ground: JournalGround, options: FileJournalOptions): JournalParts {
  const { disk, folder } = ground;
  const { maxBytes = gibibyte, retainMs = dayMs, segmentBytes = 8 * mebibyte } = options;
  const { onTornTail = () => {}, onDamage = () => {} } = options;
  const id = readOrMakeIdentity(disk, folder, options.newId ?? randomUUID);
  const confirmed = readConfirmed(disk, folder);
  const damage = new KnownDamage(ground, onDamage);
  const note = damage.note.bind(damage);
  const { segments, lastSequence } = openSegments(ground, confirmed, { onTornTail, onDamage: note });
  const end = new JournalEnd(ground, segments, segmentBytes, lastSequence);
  const retention = new Retention(ground, end, { maxBytes, retainMs }, confirmed);
  const recent = new RecentRecords(options.recordsInMemory ?? 65_536);
  const encoder = new RecordEncoder();
  const sync = new JournalSync(ground, { end, retention, recent, encoder });
  const reader = new SegmentReader(disk, note);
  return { id, maxBytes, encoder, recent, damage, reader, segments, end, retention, sync };
}

interface Opened {
  readonly segments: Segments;
  readonly lastSequence: number;
}

/** `confirmed`: what the ledger has, as far as it was written down; it is not read. */
function openSegments(ground: JournalGround, confirmed: number, events: ScanEvents): Opened {
  const { disk, folder, nowMs } = ground;
  finishRepair(disk, folder);
  const scanned = scanFolder(disk, folder, confirmed, events);
  repairIfRequested(disk, folder, scanned.unconfirmed);
  // What the last process wrote and did not sync is synced here, before anybody is told of it.
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

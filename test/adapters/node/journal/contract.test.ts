import { openFileJournal } from '../../../../src/adapters/node/journal/journal.ts';
import { journalContract } from '../../../meter/journal.contract.ts';
import { MemoryDisk } from './memory-disk.ts';

const RETAIN_MS = 60_000;

journalContract('file', () => {
  const disk = new MemoryDisk();
  const journal = openFileJournal({
    ...{ folder: '/journal', syncIntervalMs: 'every', segmentBytes: 500, retainMs: RETAIN_MS },
    ...{ disk, lock: () => () => {}, nowMs: () => disk.nowMs },
  });
  const age = () => {
    disk.nowMs += RETAIN_MS;
    // The journal looks for old segments at every confirmation.
    journal.confirm(0);
  };
  return { journal, age, drop: () => journal.close() };
});

/** Appends to a journal until it is killed, and says what was appended after it was: run by journal.test.ts. */

import { writeSync } from 'node:fs';
import { openFileJournal } from '../../../src/adapters/node/journal.ts';

const journal = openFileJournal({ folder: process.argv[2]!, segmentBytes: 20_000 });
writeSync(1, `open ${journal.lastSequence}\n`);
for (;;) {
  const bytes = journal.lastSequence + 1;
  const sequence = journal.append([
    { clientId: 'c', identifierId: 'i', bucketMs: 0, posts: 1, requests: 1, refused: 0, bytes, uncounted: 0 },
  ]);
  writeSync(1, `${sequence}\n`);
}

/** Appends to a journal until it is killed, and reports each append afterwards. journal.test.ts runs it. */

import { writeSync } from 'node:fs';
import { openFileJournal } from '../../../../src/adapters/node/journal/journal.ts';

const pause = new Int32Array(new SharedArrayBuffer(4));

/** The pipe does not block: it is full while its reader is slower than this process. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

const journal = openFileJournal({ folder: process.argv[2]!, segmentBytes: 20_000 });
say(`open ${journal.lastSequence}\n`);
for (;;) {
  const bytes = journal.lastSequence + 1;
  const sequence = journal.append([
    { clientId: 'c', identifierId: 'i', bucketMs: 0, posts: 1, requests: 1, refused: 0, bytes, uncounted: 0 },
  ]);
  say(`${sequence}\n`);
}

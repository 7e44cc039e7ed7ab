import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse.ts';
import { openOwnJournal, shipAbandonedJournals } from '../../../src/entry/stores/journals.ts';
import type { Usage } from '../../../src/meter/usage.ts';
import { meteringLedger } from '../../meter/metering-ledger.ts';

const usage = (posts: number): Usage => ({
  clientId: 'acme',
  identifierId: 'key',
  bucketMs: 60_000,
  posts,
  requests: 1,
  refused: 0,
  bytes: 10,
  uncounted: 0,
});

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'postmeter-journals-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

function options() {
  const config = parseConfig('{}');
  if (!config.ok) throw new Error('the defaults are no configuration');
  return { dataDir, settings: config.config.journal, log: pino({ level: 'silent' }) };
}

it('gives every process on a folder its own journal, and reuses a freed one', async () => {
  const [first, second] = [openOwnJournal(options()), openOwnJournal(options())];
  expect(second.id).not.toBe(first.id);
  await first.close();
  const again = openOwnJournal(options());
  expect(again.id).toBe(first.id);
  await Promise.all([again.close(), second.close()]);
});

it('ships the journals of ended processes once, and does not touch those in use', async () => {
  const [own, left, held] = [openOwnJournal(options()), openOwnJournal(options()), openOwnJournal(options())];
  left.append([usage(20)]);
  left.append([usage(5)]);
  held.append([usage(100)]);
  await left.close();
  const ledger = meteringLedger();
  await shipAbandonedJournals(options(), ledger);
  await shipAbandonedJournals(options(), ledger);
  expect(await ledger.lastSequence(left.id)).toBe(2);
  expect(await ledger.lastSequence(held.id)).toBe(0);
  let posts = 0;
  for await (const page of ledger.posts(0)) posts += page.posts.reduce((sum, row) => sum + row.posts, 0);
  expect(posts).toBe(25);
  await Promise.all([own.close(), held.close()]);
});

it('offers an abandoned journal to a ledger that has lost its records, and removes it once it is old', async () => {
  const [own, left] = [openOwnJournal(options()), openOwnJournal(options())];
  left.append([usage(20)]);
  await left.close();
  await shipAbandonedJournals(options(), meteringLedger());
  // This ledger is a copy that lacks the records.
  const ledger = meteringLedger();
  await shipAbandonedJournals(options(), ledger);
  expect(await ledger.lastSequence(left.id)).toBe(1);
  // The remains of a process that died during a removal are removed too.
  await mkdir(join(dataDir, 'journals', '7.removed'));
  await shipAbandonedJournals(options(), ledger);
  expect((await readdir(join(dataDir, 'journals'))).sort()).toEqual(['1', '2']);

  const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000);
  await utimes(join(dataDir, 'journals', '2', '0000000000000001.journal'), twoDaysAgo, twoDaysAgo);
  await shipAbandonedJournals(options(), ledger);
  expect(await readdir(join(dataDir, 'journals'))).toEqual(['1']);
  const next = openOwnJournal(options());
  expect(next.id).not.toBe(left.id);
  await Promise.all([own.close(), next.close()]);
});

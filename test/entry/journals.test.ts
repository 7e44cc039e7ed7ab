import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { openOwnJournal, shipAbandonedJournals } from '../../src/entry/journals.ts';
import type { Usage } from '../../src/meter/usage.ts';
import { MemoryLedger } from '../meter/memory-ledger.ts';

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

it('gives every process on a folder a journal of its own, and a freed one again', async () => {
  const [first, second] = [openOwnJournal(options()), openOwnJournal(options())];
  expect(second.id).not.toBe(first.id);
  await first.close();
  const again = openOwnJournal(options());
  expect(again.id).toBe(first.id);
  await Promise.all([again.close(), second.close()]);
});

it('ships what processes that are gone have left, once, and leaves alone what is held', async () => {
  const [own, left, held] = [openOwnJournal(options()), openOwnJournal(options()), openOwnJournal(options())];
  left.append([usage(20)]);
  left.append([usage(5)]);
  held.append([usage(100)]);
  await left.close();
  const ledger = new MemoryLedger();
  await shipAbandonedJournals(options(), ledger);
  await shipAbandonedJournals(options(), ledger);
  expect(await ledger.lastSequence(left.id)).toBe(2);
  expect(await ledger.lastSequence(held.id)).toBe(0);
  let posts = 0;
  for await (const page of ledger.posts(0)) posts += page.posts.reduce((sum, row) => sum + row.posts, 0);
  expect(posts).toBe(25);
  await Promise.all([own.close(), held.close()]);
});

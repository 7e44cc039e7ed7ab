import { pino } from 'pino';
import { expect, it } from 'vitest';
import { followDirectory } from '../../../src/entry/stores/directory-follower.ts';
import type { DirectorySnapshot } from '../../../src/identify/port.ts';

const log = pino({ level: 'silent' });

/** A ledger with one key, whose reads last until the test ends them. */
function source() {
  const ledger = { keyHash: 'before' };
  const reads: (() => void)[] = [];
  let isSlow = false;
  const snapshot = (): DirectorySnapshot => ({
    clients: [],
    identifiers: [{ id: 'i', clientId: 'c', kind: 'api_key', keyHash: ledger.keyHash }],
    tariffs: [],
    policies: [],
    policyVersions: [],
  });
  return {
    ledger,
    reads,
    slow: () => {
      isSlow = true;
    },
    load: async () => {
      const read = snapshot();
      if (isSlow) await new Promise<void>((resolve) => reads.push(resolve));
      return read;
    },
    watch: async () => async () => {},
    keySecret: async () => Buffer.alloc(32),
  };
}

it('a refresh returns what was written before it, even if an older read is running', async () => {
  const from = source();
  const directory = await followDirectory(from, 60, log);
  from.slow();
  const older = directory.refresh();
  from.ledger.keyHash = 'after';
  const newer = directory.refresh();
  from.reads.shift()!();
  await older;
  expect(directory.current().byKeyHash('after')).toBeUndefined();
  await expect.poll(() => from.reads.length).toBe(1);
  from.reads.shift()!();
  await newer;
  expect(directory.current().byKeyHash('after')).toMatchObject({ clientId: 'c' });
  await directory.stop();
});

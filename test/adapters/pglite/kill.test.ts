import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { openLedger } from '../../../src/entry/stores/ledger.ts';
import { copyLedgerTemplate } from '../../support/services/ledger-template.ts';

const RECORDS_BEFORE_KILL = 50;

test('everything that the embedded ledger has confirmed survives SIGKILL, whole and once', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'postmeter-kill-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  copyLedgerTemplate(dataDir);
  const answered = await takeUntilKilled(dataDir);

  const ledger = await openLedger({ DATA_DIR: dataDir });
  onTestFinished(() => ledger.close());
  const last = await ledger.usage.lastSequence('j');
  expect(last).toBeGreaterThanOrEqual(answered);
  let posts = 0;
  for await (const page of ledger.usage.posts(0)) for (const row of page.posts) posts += row.posts;
  expect(posts).toBe(last * 7);
});

/**
 * Starts a process that takes records one by one and reports each. Kills it meanwhile and returns the last report.
 */
async function takeUntilKilled(dataDir: string): Promise<number> {
  const entry = new URL('../../../src/entry/stores/ledger.ts', import.meta.url).href;
  const script = `const { openLedger } = await import(${JSON.stringify(entry)});
    const { usage } = await openLedger({ DATA_DIR: ${JSON.stringify(dataDir)} });
    const row = { clientId: 'addr:192.0.2.1', identifierId: 'i', bucketMs: 0, posts: 7 };
    const zero = { requests: 1, refused: 0, bytes: 0, uncounted: 0 };
    for (let at = 1; ; at++) {
      await usage.take({ journalId: 'j', firstSequence: at, lastSequence: at, usage: [{ ...row, ...zero }] });
      process.stdout.write(at + '\\n');
    }`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let answered = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    answered = Number(line);
    if (answered === RECORDS_BEFORE_KILL) child.kill('SIGKILL');
  }
  await exited;
  return answered;
}

import { expect, it } from 'vitest';
import { configurationLines } from '../../../src/entry/commands/verify/verify-file.ts';

const HASH = '0'.repeat(64);

function linesFor(version: string): string[] {
  const configurations = [{ sequence: 1, hash: HASH, version, fromMs: 0 }];
  const chain = { journalId: 'journal', previous: '', links: [], end: '', configurations };
  return configurationLines({ chains: [chain], configurations: [{ hash: HASH, content: null }], rules: {} });
}

it('describes usage that was metered at the edge', () => {
  expect(linesFor('1.2.3')).toEqual([expect.stringContaining('by program version 1.2.3;')]);
  expect(linesFor('1.2.3+edge')).toEqual([
    expect.stringContaining('by program version 1.2.3+edge;'),
    expect.stringContaining('handed to the runtime'),
  ]);
});

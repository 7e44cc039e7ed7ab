import { expect, test } from 'vitest';
import { StoreTrouble } from '../../../src/entry/stores/store-trouble.ts';

test('a failing store logs one warning and one recovery line, however often it is tried', () => {
  const lines: string[] = [];
  const line = (level: string) => (_fields: unknown, message?: string) =>
    void lines.push(`${level} ${message}`);
  const log = { debug: line('debug'), info: line('info'), warn: line('warn') } as never;
  let nowMs = 0;
  const trouble = new StoreTrouble(log, () => nowMs);
  trouble.answered('ledger');
  trouble.failed('ledger', new Error('refused'));
  trouble.failed('ledger', new Error('refused'));
  trouble.failed('window', new Error('refused'));
  nowMs = 4_000;
  trouble.answered('ledger');
  trouble.answered('ledger');
  expect(lines).toEqual([
    'warn the ledger is unreachable; usage waits in the journal',
    'debug the ledger is still unreachable',
    'warn the window store is unreachable; usage waits in the journal',
    'info the ledger is reachable again',
  ]);
});

import { expect, test } from 'vitest';
import { openLog } from '../../../src/entry/logs/log.ts';

function loggedAt(level: string, error: Error) {
  const lines: string[] = [];
  openLog(level, { destination: { write: (line: string) => void lines.push(line) } }).warn(
    { err: error },
    'failed',
  );
  return JSON.parse(lines[0]!).err;
}

const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });

test('an error is one message, without its stack, and its cause is not repeated', () => {
  const err = loggedAt(
    'info',
    new Error(`the ledger cannot be reached: ${refused.message}`, { cause: refused }),
  );
  expect(err).toEqual({
    type: 'Error',
    message: 'the ledger cannot be reached: connect ECONNREFUSED 127.0.0.1:5432',
  });
});

test('a cause with new information is shown', () => {
  expect(loggedAt('info', new Error('the start failed', { cause: refused }))).toEqual({
    type: 'Error',
    message: 'the start failed',
    cause: { type: 'Error', message: refused.message, code: 'ECONNREFUSED' },
  });
});

test('stacks are shown at debug', () => {
  expect(loggedAt('debug', refused).stack).toContain('log.test.ts');
});

import { pino } from 'pino';
import { expect, it } from 'vitest';
import { uncountedLog } from '../../../src/entry/logs/uncounted-log.ts';

it('reports an uncounted response at once, then once a minute with the number', () => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  let nowMs = 0;
  const tell = uncountedLog(log, () => nowMs);
  tell('search', 'truncated');
  for (let i = 0; i < 5; i++) tell('search', 'truncated');
  tell('search', 'not_json');
  expect(lines).toMatchObject([
    { route: 'search', reason: 'truncated', responses: 1 },
    { route: 'search', reason: 'not_json', responses: 1 },
  ]);
  nowMs = 60_000;
  tell('search', 'truncated');
  expect(lines[2]).toMatchObject({ reason: 'truncated', responses: 6 });
});

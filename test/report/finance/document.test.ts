import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { REPORT_NAMES, REPORTS } from '../../../src/report/finance/reports.ts';

const DOCUMENT = readFileSync(new URL('../../../docs/reports.md', import.meta.url), 'utf8').replaceAll(
  /\s+/g,
  ' ',
);

test.each(REPORT_NAMES)('docs/reports.md has the question and the formula of %s', (name) => {
  const { question, formula } = REPORTS[name];
  for (const sentence of [question, ...formula]) expect(DOCUMENT).toContain(sentence);
});

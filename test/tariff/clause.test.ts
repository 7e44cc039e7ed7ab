import { expect, it } from 'vitest';
import { clauseOf, DEFAULT_TARIFF } from '../../src/tariff/tariff.ts';
import { parseTariff, tariffToJson } from '../../src/tariff/terms.ts';

const CLAUSE = 'Terms of service of 2024-11-15, section 4';

it('names its clause separately from the reason for its entry', () => {
  for (const kind of [{ threshold: 5 }, { kind: 'licence', included: 5 }]) {
    const parsed = parseTariff({ ...kind, clause: CLAUSE });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    expect(clauseOf('any', parsed.tariff)).toBe(CLAUSE);
    expect(parseTariff(tariffToJson(parsed.tariff))).toEqual(parsed);
  }
});

it('keeps terms without a clause unchanged, and the first default version has its own clause', () => {
  expect(tariffToJson(DEFAULT_TARIFF)).not.toHaveProperty('clause');
  expect(clauseOf('any', DEFAULT_TARIFF)).toBeNull();
  expect(clauseOf('00000000-0000-7000-8000-000000000001', DEFAULT_TARIFF)).toContain('Liquidated Damages');
});

it.each(['', 'a\nb', 'x'.repeat(501), 5])('rejects the clause %j and says how to fix it', (clause) => {
  expect(parseTariff({ clause })).toMatchObject({
    ok: false,
    problems: [{ field: 'clause', hint: expect.stringContaining('characters on one line') }],
  });
});

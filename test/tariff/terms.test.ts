import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TARIFF } from '../../src/tariff/tariff.ts';
import { parseTariff, tariffToJson } from '../../src/tariff/terms.ts';
import { damages, licence } from './arbitraries.ts';

const refusing = damages.map((tariff) => ({
  ...tariff,
  count: 'deliveries' as const,
  onThreshold: 'refuse' as const,
  whenUnknown: 'failClosed' as const,
}));

describe('parseTariff', () => {
  it('uses the default for each missing field', () => {
    expect(parseTariff({})).toEqual({ ok: true, tariff: DEFAULT_TARIFF });
    expect(parseTariff({ currency: 'JPY' })).toEqual({
      ok: true,
      tariff: { ...DEFAULT_TARIFF, currency: 'JPY', priceMinor: 15_000n },
    });
    expect(parseTariff({ kind: 'exempt' })).toEqual({ ok: true, tariff: { kind: 'exempt' } });
  });

  it.each([
    [{ threshold: 0 }, 'threshold', 'is below 1'],
    [JSON.parse('{"threshold":1e400}'), 'threshold', 'is not a number in range'],
    [{ threshold: 1.5 }, 'threshold', 'is not a whole number in range'],
    [{ threshold: 2 ** 53 }, 'threshold', 'is not a whole number in range'],
    [{ threshold: '5' }, 'threshold', 'is not a number in range'],
    [{ threshold: null }, 'threshold', 'is not a number in range'],
    [{ price: 15000 }, 'price', 'is not text'],
    [{ price: '15000.001' }, 'price', 'has 3 decimal places; USD has 2'],
    [{ price: '-1' }, 'price', 'is not a plain decimal number'],
    [{ price: '10000000000.01' }, 'price', 'is above 10000000000.00'],
    [{ block: 0 }, 'block', 'is below 1'],
    [{ basis: 'none' }, 'basis', 'is not an allowed value'],
    [{ rounding: 'up' }, 'rounding', 'is not an allowed value'],
    [{ currency: 'usd' }, 'currency', 'is not an ISO 4217 currency code'],
    [{ windowSeconds: 59 }, 'windowSeconds', 'is below 60'],
    [{ windowSeconds: 90 }, 'windowSeconds', 'is not a multiple of the bucket of 60 s'],
    [{ windowSeconds: 40 * 86_400 }, 'windowSeconds', 'is above 2937600'],
    [{ onThreshold: 'ask' }, 'onThreshold', 'is not an allowed value'],
    [{ onThreshold: 'refuse', whenUnknown: 'fail' }, 'whenUnknown', 'is not an allowed value'],
    [{ whenUnknown: 'failClosed' }, 'whenUnknown', 'is "failClosed" although nothing is refused'],
    [{ count: 'posts' }, 'count', 'is not an allowed value'],
    [
      { count: 'unique', onThreshold: 'refuse' },
      'onThreshold',
      'is "refuse" although unique posts are counted, and window totals count deliveries',
    ],
    [{ kind: 'exempt', count: 'unique' }, 'count', 'is not a field of this kind of tariff'],
    [{ kind: 'gift' }, 'kind', 'is not a kind of tariff'],
    [{ kind: 'licence' }, 'included', 'is not a number in range'],
    [{ kind: 'licence', included: -1 }, 'included', 'is below 0'],
    [{ kind: 'licence', included: 1, threshold: 5 }, 'threshold', 'is not a field of this kind of tariff'],
    [{ kind: 'exempt', price: '1' }, 'price', 'is not a field of this kind of tariff'],
    [{ treshold: 5 }, 'treshold', 'is not a field of this kind of tariff'],
    [[], '', 'is not an object'],
    [null, '', 'is not an object'],
  ])('rejects %j', (json, field, reason) => {
    expect(parseTariff(json)).toEqual({
      ok: false,
      problems: [{ field, reason, hint: expect.stringMatching(/./) }],
    });
  });

  it('reads terms that were stored before a field existed', () => {
    const json: Record<string, unknown> = tariffToJson({ ...DEFAULT_TARIFF, onThreshold: 'refuse' });
    const { whenUnknown, ...stored } = json;
    expect(whenUnknown).toBe('failOpen');
    expect(parseTariff(stored)).toEqual({
      ok: true,
      tariff: { ...DEFAULT_TARIFF, onThreshold: 'refuse', whenUnknown: 'failOpen' },
    });
  });

  it('reports every fault', () => {
    const parsed = parseTariff({ threshold: 0, block: 0, extra: 1 });
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.field).sort()).toEqual([
      'block',
      'extra',
      'threshold',
    ]);
  });

  it('parses what tariffToJson writes', () => {
    fc.assert(
      fc.property(
        fc.oneof(damages, refusing, licence, fc.constant({ kind: 'exempt' as const })),
        (tariff) => {
          expect(parseTariff(JSON.parse(JSON.stringify(tariffToJson(tariff))))).toEqual({ ok: true, tariff });
        },
      ),
    );
  });
});

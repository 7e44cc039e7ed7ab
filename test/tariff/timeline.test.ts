import { describe, expect, it } from 'vitest';
import { DEFAULT_TARIFF, type Tariff, type TariffVersion } from '../../src/tariff/tariff.ts';
import { segmentsOf, timelineOf } from '../../src/tariff/timeline.ts';

const MINUTE = 60_000;
const version = (
  id: string,
  clientId: string | null,
  number: number,
  validFromMs: number,
  tariff: Tariff | null = DEFAULT_TARIFF,
): TariffVersion => ({ id, clientId, version: number, validFromMs, tariff });
const held = (versions: readonly TariffVersion[]) =>
  timelineOf('c', versions, 60).map(({ versionId, fromMs, toMs }) => [
    versionId,
    fromMs / MINUTE,
    toMs / MINUTE,
  ]);

describe('timelineOf', () => {
  it("prefers the client's own versions to the default until they end", () => {
    expect(
      held([
        version('d1', null, 1, 0),
        version('o1', 'c', 1, 5 * MINUTE),
        version('d2', null, 2, 7 * MINUTE),
        version('o2', 'c', 2, 9 * MINUTE, null),
        version('x', 'other', 1, 0),
      ]),
    ).toEqual([
      ['d1', 0, 5],
      ['o1', 5, 9],
      ['d2', 9, Number.POSITIVE_INFINITY],
    ]);
  });

  it('orders versions by start time, then by number, regardless of the order of arrival', () => {
    expect(
      held([version('b', null, 2, 5 * MINUTE), version('c', null, 3, 5 * MINUTE), version('a', null, 4, 0)]),
    ).toEqual([
      ['a', 0, 5],
      ['c', 5, Number.POSITIVE_INFINITY],
    ]);
  });

  it('applies a version that begins within a bucket from the next bucket', () => {
    expect(held([version('a', null, 1, 0), version('b', null, 2, 5 * MINUTE + 1)])).toEqual([
      ['a', 0, 6],
      ['b', 6, Number.POSITIVE_INFINITY],
    ]);
  });

  it('has no entry before the first version', () => {
    expect(held([])).toEqual([]);
    expect(held([version('o', 'c', 1, 0, null)])).toEqual([]);
  });

  it('is empty for a range of unknown callers, even if a tariff was set for it', () => {
    const range = 'net:203.0.113.0/24';
    expect(timelineOf(range, [version('d', null, 1, 0), version('o', range, 1, 0)], 60)).toEqual([]);
  });
});

describe('segmentsOf', () => {
  const segments = (...tariffs: Tariff[]) =>
    segmentsOf(
      timelineOf(
        'c',
        tariffs.map((tariff, at) => version(`v${at}`, null, at + 1, at * MINUTE, tariff)),
        60,
      ),
      60,
    ).map((segment) => segment.periods.map((period) => period.versionId));

  it('joins versions that differ only in price or threshold', () => {
    expect(segments(DEFAULT_TARIFF, { ...DEFAULT_TARIFF, threshold: 5, priceMinor: 1n })).toEqual([
      ['v0', 'v1'],
    ]);
  });

  it.each<[string, Tariff]>([
    ['window', { ...DEFAULT_TARIFF, windowSeconds: 3600 }],
    ['basis', { ...DEFAULT_TARIFF, basis: 'excess' }],
    ['currency', { ...DEFAULT_TARIFF, currency: 'EUR' }],
  ])('starts a new segment for another %s', (_, other) => {
    expect(segments(DEFAULT_TARIFF, other)).toEqual([['v0'], ['v1']]);
  });

  it('starts a new segment after an exempt period, and shortens windows to whole buckets', () => {
    expect(segments(DEFAULT_TARIFF, { kind: 'exempt' }, DEFAULT_TARIFF)).toEqual([['v0'], ['v2']]);
    const [odd] = segmentsOf(
      timelineOf('c', [version('a', null, 1, 0, { ...DEFAULT_TARIFF, windowSeconds: 95 })], 60),
      60,
    );
    expect(odd?.windowMs).toBe(MINUTE);
  });
});
